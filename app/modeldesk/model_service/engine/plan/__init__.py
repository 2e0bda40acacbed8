"""Plans: a fitted pipeline read once and answered by array arithmetic, proven equal to the artifact.

Most of what one row costs in scikit-learn is overhead: frames are built, checked and split column by
column around microseconds of arithmetic. A plan does the arithmetic alone, operation by operation as
the artifact does it, so that answers are the same to the last bit. What a plan cannot place it
declines, and the artifact answers as before.
"""

from __future__ import annotations

from modeldesk.model_service.engine.plan.compiler import compile_plan
from modeldesk.model_service.engine.plan.nodes import Node
from modeldesk.model_service.engine.plan.rows import FrameRows, RecordRows, Rows
from modeldesk.model_service.engine.plan.transformers import Declined

__all__ = ["Declined", "FrameRows", "Node", "RecordRows", "Rows", "compile_plan"]
