"""An artifact and its data become a version, proven in a process of its own."""
