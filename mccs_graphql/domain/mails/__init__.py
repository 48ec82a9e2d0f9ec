"""Mails: which one is due, what it says, and what became of it."""
