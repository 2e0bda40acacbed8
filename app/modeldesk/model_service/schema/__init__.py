"""The input contract of a model: inferred, stored, described, and as exactly typed frames."""
