"""Who is asking, and whether a request may come in at all."""
