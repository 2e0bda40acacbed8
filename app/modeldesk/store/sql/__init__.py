"""The stores on SQLite or PostgreSQL, by SQLAlchemy."""
