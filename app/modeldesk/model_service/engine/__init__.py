"""How an artifact is read, probed, asked, and its outputs typed."""
