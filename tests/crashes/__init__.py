"""Processes that die without warning."""
