"""The page with a model's form, its result and what surrounds it."""
