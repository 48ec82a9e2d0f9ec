"""Named queries, by subject; each takes a session first."""
