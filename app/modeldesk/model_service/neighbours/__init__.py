"""Which reference records are most like one, and how far apart records are."""
