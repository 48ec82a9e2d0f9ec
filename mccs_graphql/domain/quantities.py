"""Whole numbers that are no amounts of credits."""

from typing import NewType

BigInt = NewType("BigInt", int)
"""A whole number that may be larger than the 32 bits of GraphQL's own."""
