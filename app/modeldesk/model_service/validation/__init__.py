"""Records held against the contract: checked values, problems and warnings."""
