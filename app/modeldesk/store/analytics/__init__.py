"""Questions over Parquet and the log's tail, by DuckDB."""
