"""The prediction log's own upkeep."""
