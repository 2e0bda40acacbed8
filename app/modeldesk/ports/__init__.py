"""What use cases need from stores and queues, said without naming one: protocols and records, by topic."""
