"""What users want to be told, by which way, and when not."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, NoticeKind, NoticePreference, User
from mccs_graphql.db.queries import notice_preferences as queries
from mccs_graphql.db.queries import users
from mccs_graphql.domain import text
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.notices.kinds import channels_of, is_default, is_mandatory
from mccs_graphql.domain.notices.quiet import time_zones
from mccs_graphql.domain.patches import Patch, apply

Cell = tuple[NoticeKind, Channel]
CELLS: tuple[Cell, ...] = tuple((kind, each) for kind in NoticeKind for each in channels_of(kind))
"""All that there is to choose."""
Hours = tuple[time | None, time | None]


@dataclass(frozen=True)
class Choice:
    """Whether a kind of notice is wanted by a channel."""

    kind: NoticeKind
    channel: Channel
    wanted: bool


@dataclass(frozen=True)
class Wishes:
    """Where users differ from the defaults; those who do not need not be in it."""

    chosen: Mapping[tuple[UUID, Cell], bool]

    def wants(self, user_id: UUID, kind: NoticeKind, channel: Channel) -> bool:
        """Whether this user is told of this kind so. What is mandatory counts as wanted."""
        if is_mandatory(kind, channel):
            return True
        return self.chosen.get((user_id, (kind, channel)), is_default(kind, channel))


async def wishes_of(session: AsyncSession, user_ids: Collection[UUID]) -> Wishes:
    """What these users want, in one statement however many they are."""
    rows = await queries.choices_of(session, user_ids)
    return Wishes({(row.user_id, (row.kind, row.channel)): row.wanted for row in rows})


async def wants_mail(
    session: AsyncSession, user_ids: Collection[UUID], kind: NoticeKind
) -> set[UUID]:
    """Those of these users who want mails of this kind, in one statement."""
    wishes = await wishes_of(session, user_ids)
    return {id_ for id_ in user_ids if wishes.wants(id_, kind, Channel.MAIL)}


async def change(
    session: AsyncSession, viewer: Viewer, choices: Sequence[Choice], patch: Patch
) -> User:
    """Keep what the viewer chooses, and nothing else. Raises InvalidInput.

    The patch may have a ``time_zone``, and as ``quiet_hours`` when they begin and end.
    """
    text.require(_problems(choices, patch))
    user = await users.lock_user(session, viewer.id)
    await choose(session, user.id, {(each.kind, each.channel): each.wanted for each in choices})
    apply(user, _columns(patch))
    await session.flush()
    return user


async def choose(session: AsyncSession, user_id: UUID, cells: Mapping[Cell, bool]) -> None:
    """Keep these choices as far as they differ from the defaults. Two of one user take turns."""
    await users.lock_user(session, user_id)
    rows = await queries.choices_of(session, [user_id])
    kept = {(row.kind, row.channel): row for row in rows}
    for cell, wanted in cells.items():
        row = kept.get(cell)
        if wanted == is_default(*cell):
            if row is not None:
                await session.delete(row)
        elif row is None:
            session.add(_row(user_id, cell, wanted=wanted))
        else:
            row.wanted = wanted
    await session.flush()


def _row(user_id: UUID, cell: Cell, *, wanted: bool) -> NoticePreference:
    kind, channel = cell
    return NoticePreference(user_id=user_id, kind=kind, channel=channel, wanted=wanted)


def _columns(patch: Patch) -> dict[str, object]:
    """What of a patch is kept in which column."""
    kept = {name: value for name, value in patch.items() if name == "time_zone"}
    if "quiet_hours" in patch:
        kept["quiet_from"], kept["quiet_to"] = _hours(patch["quiet_hours"])
    return kept


def _hours(value: object) -> Hours:
    return value if isinstance(value, tuple) else (None, None)


def _problems(choices: Sequence[Choice], patch: Patch) -> Iterator[Problem]:
    if len(choices) > len(CELLS):
        yield Problem(("preferences",), "TOO_MANY", f"There are {len(CELLS)} to choose.")
    for number, each in enumerate(choices[: len(CELLS)]):
        yield from _problems_of(each, path=("preferences", str(number)))
    begin, end = _hours(patch.get("quiet_hours"))
    if begin is not None and begin == end:
        yield Problem(("quiet_hours",), "EMPTY", "They end when they begin; null is none.")
    zone = patch.get("time_zone")
    if zone is not None and zone not in time_zones():
        yield Problem(("time_zone",), "NOT_A_TIME_ZONE", "A name such as Europe/Berlin is needed.")


def _problems_of(choice: Choice, *, path: tuple[str, ...]) -> Iterator[Problem]:
    if choice.channel not in channels_of(choice.kind):
        yield Problem(path, "NO_SUCH_CHANNEL", "This kind is not told by this channel.")
    elif is_mandatory(choice.kind, choice.channel) and not choice.wanted:
        yield Problem(path, "MANDATORY", "This cannot be turned off.")
