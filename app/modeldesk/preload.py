"""All that the processes of a server import, imported once by the process that they are forked from.

Nothing here runs a model, opens a database or starts a thread: a process may fork only before that. XGBoost, LightGBM
and CatBoost are left out, because they hang in a process whose parent had loaded them.
"""

from __future__ import annotations

import atexit
import gc

import pyarrow.parquet
import shap
import sklearn.compose
import sklearn.ensemble
import sklearn.linear_model
import sklearn.pipeline
import sklearn.preprocessing

import modeldesk.bootstrap
import modeldesk.jobs.worker
import modeldesk.services.batches.work
import modeldesk.services.importance.analysis_work
import modeldesk.services.log.compaction
import modeldesk.web.api.routes
import modeldesk.web.middleware.compression
import modeldesk.web.middleware.dash_guard
import modeldesk.web.server.worker
import modeldesk.web.ui.dashboard

__all__ = ["modeldesk", "pyarrow", "shap", "sklearn"]

# The garbage collector would write to what is shared with the children, and so copy it.
gc.collect()
gc.freeze()
atexit.register(gc.unfreeze)
