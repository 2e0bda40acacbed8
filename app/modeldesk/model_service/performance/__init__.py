"""How well a version does on rows whose truth is known, and where it fails. No web, no store."""
