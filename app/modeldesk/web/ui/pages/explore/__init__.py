"""The page of many predictions."""
