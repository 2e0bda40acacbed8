"""Predictions: made, explained, questioned, listed, and what happened afterwards."""
