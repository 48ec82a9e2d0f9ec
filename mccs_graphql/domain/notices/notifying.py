"""Telling users something, in the transaction that makes it true: in the app, and by mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, Mail, MailKind, Notice, NoticeKind
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.notices.preferences import wishes_of

_NOTIFIED = "notified"


@dataclass(frozen=True)
class News:
    """What one user is to be told, and what a mail about it needs to know (None: no mail).

    ``other_id`` is another entity that it is about. ``is_known`` says that the user did it: the
    notice is kept, and counts as read.
    """

    user_id: UUID
    kind: NoticeKind
    entity_id: UUID | None = None
    transfer_id: UUID | None = None
    other_id: UUID | None = None
    facts: Mapping[str, str | bool | int] | None = None
    is_known: bool = False


async def notify(session: AsyncSession, news: Iterable[News]) -> None:
    """Tell each user by the ways they want. As many statements for one as for a thousand."""
    news = list(news)
    if not news:
        return
    wishes = await wishes_of(session, {each.user_id for each in news})
    for each in news:
        if wishes.wants(each.user_id, each.kind, Channel.IN_APP):
            session.add(_notice(each))
        if each.facts is not None and wishes.wants(each.user_id, each.kind, Channel.MAIL):
            session.add(_mail(each, each.facts))
    await session.flush()
    session.info[_NOTIFIED] = True


def has_notified(session: AsyncSession) -> bool:
    """Whether this session, when it commits, leaves notices that those who listen do not have."""
    return _NOTIFIED in session.info


def _notice(news: News) -> Notice:
    return Notice(
        id=uuid7(),
        user_id=news.user_id,
        kind=news.kind,
        entity_id=news.entity_id,
        transfer_id=news.transfer_id,
        other_id=news.other_id,
        read_at=datetime.now(UTC) if news.is_known else None,
    )


def _mail(news: News, facts: Mapping[str, str | bool | int]) -> Mail:
    return Mail(user_id=news.user_id, kind=MailKind(news.kind.value), facts=dict(facts))
