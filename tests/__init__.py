"""Facts about mccs, on a real PostgreSQL and a real Redis."""
