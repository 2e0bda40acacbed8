"""The models of a folder, and versions that are loaded and answer."""
