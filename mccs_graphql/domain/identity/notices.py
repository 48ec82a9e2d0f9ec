"""Telling users what became of their logins, in the transaction that did it."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import NoticeKind, User
from mccs_graphql.db.queries import attempts
from mccs_graphql.db.queries import sessions as queries
from mccs_graphql.db.queries.attempts import Name
from mccs_graphql.domain.identity.throttle import KNOWN_FOR
from mccs_graphql.domain.notices.notifying import News, notify
from mccs_graphql.domain.places import place_of

LOG_IN_DEVICE = "logIn.device"
"""What places with devices are remembered under, for as long as places are."""


async def tell(session: AsyncSession, user_id: UUID, kind: NoticeKind, **facts: str | bool) -> None:
    """Tell the user in the app, and by a mail that says when: that is when it was written."""
    await notify(session, [News(user_id, kind, facts=facts)])


async def tell_if_new(session: AsyncSession, user: User, *, device: str, address: str) -> None:
    """Tell of a log-in from a place with a device that were not seen together before.

    The first log-in is no news. ``user`` must be locked, and still tell of the log-in before.
    """
    here = (place_of(address), kind_of(device))
    name = Name(LOG_IN_DEVICE, here[0], f"{user.id}|{here[1]}")
    if await attempts.remember(session, name, kept=KNOWN_FOR) or user.logged_in_at is None:
        return
    there = await queries.sessions_of(session, user.id)
    if here in {(place_of(each.address), kind_of(each.device)) for each in there}:
        return
    await tell(session, user.id, NoticeKind.NEW_DEVICE, device=device, address=address)


def kind_of(device: str) -> str:
    """The device without its numbers: one that is brought up to date is no other."""
    return "".join(letter for letter in device if letter.isalpha())
