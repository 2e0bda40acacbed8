"""The page that scores files."""
