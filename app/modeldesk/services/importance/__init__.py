"""Feature importance over many rows: computed once a version by a job, and cached."""
