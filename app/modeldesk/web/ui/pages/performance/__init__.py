"""The page of how well a model does."""
