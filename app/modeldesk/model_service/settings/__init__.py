"""``model.toml``: read strictly, held against the model, inferred at first; rules and thresholds."""
