"""Saying of an answer that it looks right, or wrong: on the Predict page and on a prediction's own."""
