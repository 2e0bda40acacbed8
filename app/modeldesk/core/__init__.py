"""What every room stands on: errors, identity, settings, files, caches, formats. Imports nothing of Modeldesk."""
