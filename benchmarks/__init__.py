"""Measurements: ``make bench``."""

import os

# Before numpy or an estimator is imported: with threads of their own, several processes on few
# cores measure each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
