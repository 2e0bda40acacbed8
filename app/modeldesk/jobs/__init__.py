"""Work that outlives a request, on DBOS: durable workflows and queues in the installation's own
database. Nothing outside of this room knows DBOS."""
