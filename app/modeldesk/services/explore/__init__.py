"""Many predictions at a time: filters, figures of charts, rows."""
