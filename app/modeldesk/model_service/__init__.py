"""Everything about a model package: schema, rows, artifacts, registry, engines.

Knows no dashboard, no web framework, no SQL and no queue.
"""
