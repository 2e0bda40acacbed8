"""The folder of a model: artifact, manifest, tables, golden rows."""
