"""The page of a model's versions and their comparison."""
