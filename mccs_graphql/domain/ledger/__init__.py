"""Accounts, transfers and the books."""
