"""Whole communities brought into an empty or a growing database: the original's, and a sample."""
