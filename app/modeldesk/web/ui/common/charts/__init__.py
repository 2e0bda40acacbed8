"""Charts as pure functions from data to plotly figures. No Dash here."""
