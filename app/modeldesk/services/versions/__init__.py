"""Models and their versions: published, listed, promoted, rolled back."""
