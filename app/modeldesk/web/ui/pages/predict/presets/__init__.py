"""Presets on the Predict page: inputs and scenarios saved on the server, and opened by a link."""
