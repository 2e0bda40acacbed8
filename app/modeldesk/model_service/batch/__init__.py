"""A file's rows scored chunk by chunk, written and summed up."""
