"""The pages, a folder each. A page imports no other page."""
