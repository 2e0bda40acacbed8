"""The page of feature importance."""
