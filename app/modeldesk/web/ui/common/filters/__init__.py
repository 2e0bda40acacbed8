"""Filters on columns of many rows: the form that adds one, and how they are called."""
