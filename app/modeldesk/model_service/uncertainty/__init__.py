"""How sure an answer is: intervals, calibration, and whether a record is like the training data."""
