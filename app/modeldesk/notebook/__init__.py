"""The same model in a notebook: publish and load."""
