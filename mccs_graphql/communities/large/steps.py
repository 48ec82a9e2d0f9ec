"""Telling how far a load has come."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Gets what is being done, how much of it is done, and of how much."""
