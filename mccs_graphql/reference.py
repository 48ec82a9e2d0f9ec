"""Which request is being worked on: the log, the database, the audit trail and traces say it."""

import secrets
from contextvars import ContextVar

REFERENCE_BYTES = 6

_current: ContextVar[str] = ContextVar("reference", default="")


def new_reference() -> str:
    """Ours alone: what a client sends as such might lead somewhere else."""
    return secrets.token_hex(REFERENCE_BYTES)


def begin_reference() -> str:
    """A new reference for what this task does from now on, and for the tasks it starts."""
    reference = new_reference()
    _current.set(reference)
    return reference


def current_reference() -> str:
    """What this task works for; empty if it is for nobody's request."""
    return _current.get()
