"""Who may see and do what, over every address and every callback that the application has."""
