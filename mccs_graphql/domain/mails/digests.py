"""What the mail of the morning says about new matches."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail, TagKind
from mccs_graphql.db.queries import digests as positions
from mccs_graphql.db.queries import mails as queries
from mccs_graphql.domain.directory.digests import Group, Told, read_digest
from mccs_graphql.domain.mails.addressing import (
    Contents,
    NotToBeSent,
    naming,
    on_one_line,
    on_the_wire,
    receiver_of,
)


async def daily_matches(session: AsyncSession, mail: Mail) -> Contents:
    """To each member of an entity that wants it; all entities of the user in one mail."""
    user = await receiver_of(session, mail)
    if await queries.is_overtaken(session, mail):
        raise NotToBeSent("A later one takes its place.")
    digest = await read_digest(session, user.id, now=mail.created_at)
    if not digest.groups:
        raise NotToBeSent("There is nothing new to tell.")
    return Contents(
        on_the_wire(user.email),
        user.language,
        {"groups": [_shown(group) for group in digest.groups], "count": _count(digest.groups)},
        once_sent=partial(positions.move_on, user_id=user.id, ends=digest.ends),
    )


def _shown(group: Group) -> dict[str, Any]:
    matches = [_match(told) for told in group.told]
    return {**naming(group.entity), "matches": matches, "more": group.more}


def _match(told: Told) -> dict[str, Any]:
    reason = told.reason
    return {
        **naming(told.entity),
        "offers": reason.kind is TagKind.OFFER,
        "tag": on_one_line(reason.tag),
        "own": on_one_line(reason.own),
    }


def _count(groups: Sequence[Group]) -> int:
    return sum(len(group.told) + group.more for group in groups)
