"""What the processes that submit work and those that do it have to agree on."""

from __future__ import annotations

APPLICATION = "modeldesk"

VERSION = "1"
"""The shape of the workflows. Workers take work of their own shape only: it changes when steps are
added, taken away or put in another order, and not with each release."""

BATCHES = "batches"
CHUNKS = "chunks"
"""The queues: whole batches, which mostly wait, and their chunks, which are what takes time."""

BATCH_WORKFLOW = "batch"
CHUNK_WORKFLOW = "chunk"
SWEEP_WORKFLOW = "sweep"
SETTLE_WORKFLOW = "settle"
SETTLE_SWEEP_WORKFLOW = "settle sweep"

ANALYSES = "inquiries"
"""The queue of questions about models."""

ANALYSIS_WORKFLOW = "inquiry"
ANALYSIS_SWEEP_WORKFLOW = "inquiry sweep"

WAITING = ("ENQUEUED", "DELAYED", "PENDING")
"""The states of a workflow that somebody will go on with."""

IDLE_SECONDS = 5.0
"""After so long within an unfinished transaction PostgreSQL ends a session. A worker that is
frozen there (a paused machine, a stopped process) would hold up the others' work by its locks."""
