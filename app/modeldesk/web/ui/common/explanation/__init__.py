"""One answer explained: cards that the Predict page and a prediction's page share."""
