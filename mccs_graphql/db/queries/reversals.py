"""Which transfers take back which."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Posting, Transfer


async def reversals_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, Transfer]:
    """The transfers that reverse these, by what they reverse, in one statement."""
    found = await session.scalars(select(Transfer).where(Transfer.reverses_id.in_(ids)))
    return {transfer.reverses_id: transfer for transfer in found if transfer.reverses_id}


async def postings_of(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, list[Posting]]:
    """The lines of several transfers, the payer's first, in one statement."""
    wanted = select(Posting).where(Posting.transfer_id.in_(ids)).order_by(Posting.amount)
    found: dict[UUID, list[Posting]] = {id_: [] for id_ in ids}
    for posting in await session.scalars(wanted):
        found[posting.transfer_id].append(posting)
    return found
