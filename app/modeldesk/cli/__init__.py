"""The commands of ``modeldesk``, one module each, imported when called."""
