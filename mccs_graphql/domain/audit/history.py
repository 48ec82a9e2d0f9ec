"""What others have changed meanwhile, as the audit trail has it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Record
from mccs_graphql.db.queries import audit as queries

ENTRIES_MAX = 50
"""The latest changes of one record that are looked through."""


async def changed_since(
    session: AsyncSession, record: type[Record], id_: UUID, *, version: int
) -> tuple[str, ...]:
    """The fields of a record with versions that have changed since this one, by name.

    As far as the trail knows: what was erased, or is too long ago, is left out.
    """
    name = record.__name__
    found = await queries.details_changing(session, id_, f"{name}.version", most=ENTRIES_MAX)
    changes = [change for details in found for change in details["changes"]]
    fields = [
        field
        for change in changes
        if (change["record"], change["id"]) == (name, str(id_))
        and change["fields"].get("version", (0, 0))[1] > version
        for field in change["fields"]
    ]
    return tuple(sorted(set(fields) - {"version"}))
