"""Erasing what the trail tells of somebody who is deleted.

An entry itself never goes: who did what to which thing stays, and the salted hash of its details,
so that its seal still holds. What goes are the details, in favour of the entry that says so: the
one of the transaction that deletes, which does not tell the old values either.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Record
from mccs_graphql.domain.audit.changes import camel, erase, note

ERASED = "(erased)"


def erase_about(
    session: AsyncSession,
    record: type[Record],
    id_: UUID,
    *,
    emptied: Mapping[str, Any],
    payments: bool,
) -> None:
    """Erase the details of all entries about ``id_`` or by it, when this transaction's is written.

    ``emptied`` are the fields that a statement has emptied, with what they say now: the trail is
    told their names, and not what they said. Without ``payments`` the entries about transfers keep
    their details, as the ledger keeps the transfers: they are the other side's as well.
    """
    fields = {camel(name): (ERASED, value) for name, value in emptied.items()}
    note(session, record, id_, fields=fields)
    erase(session, id_, payments=payments)
