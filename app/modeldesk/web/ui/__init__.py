"""Bind what people do on a page to the services, and their answers to what the page shows."""
