"""Files scored row by row by workers."""
