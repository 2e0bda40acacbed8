"""The model around one record: response curves, surfaces, counterfactuals."""
