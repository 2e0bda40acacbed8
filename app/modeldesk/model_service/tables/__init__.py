"""Table files from people: what they are, how they are read, and whether their rows can be scored.

``inspect`` looks at a file before it is parsed; ``match_columns`` says which column stands for
which feature; ``prepare`` cuts it into parts; a ``Reader`` gives a part's rows; a ``ChunkCheck``
holds them against the contract.
"""

from __future__ import annotations

from modeldesk.model_service.tables.checking import CheckedChunk, ChunkCheck
from modeldesk.model_service.tables.chunk import Chunk, Part, Reject
from modeldesk.model_service.tables.confined import ParsingPool
from modeldesk.model_service.tables.inspection import inspect
from modeldesk.model_service.tables.matching import Matching, match_columns
from modeldesk.model_service.tables.options import CHUNK_ROWS, FileOptions, Limits, TableForm
from modeldesk.model_service.tables.plan import Plan, Reader, chunks, parts_of, prepare, ready_file

__all__ = [
    "CHUNK_ROWS",
    "CheckedChunk",
    "Chunk",
    "ChunkCheck",
    "FileOptions",
    "Limits",
    "Matching",
    "ParsingPool",
    "Part",
    "Plan",
    "Reader",
    "Reject",
    "TableForm",
    "chunks",
    "inspect",
    "match_columns",
    "parts_of",
    "prepare",
    "ready_file",
]
