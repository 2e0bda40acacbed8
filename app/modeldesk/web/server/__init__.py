"""The server: gunicorn, its supervisor, and the layers around every request."""
