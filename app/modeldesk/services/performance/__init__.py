"""How well a version does, where it fails, and which threshold decides."""
