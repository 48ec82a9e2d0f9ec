"""Whether a mail may go out now, as its receiver wants it by the time it is sent."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Channel, Mail, User
from mccs_graphql.domain.mails.addressing import NotToBeSent
from mccs_graphql.domain.notices.kinds import is_optional, told_by
from mccs_graphql.domain.notices.preferences import wishes_of
from mccs_graphql.domain.notices.quiet import quiet_hours_of


class NotYet(NotToBeSent):
    """The mail waits until its receiver's quiet hours have come to an end."""

    def __init__(self, until: datetime) -> None:
        super().__init__("It waits until the quiet hours end.")
        self.until = until


async def require_wanted_now(session: AsyncSession, mail: Mail, *, zone: ZoneInfo) -> None:
    """Raise NotToBeSent for what its receiver has turned off meanwhile, and NotYet for later.

    What cannot be turned off does not wait either. ``zone`` is where the community is.
    """
    kind = told_by(mail.kind)
    if mail.user_id is None or kind is None or not is_optional(mail.kind):
        return
    wishes = await wishes_of(session, [mail.user_id])
    if not wishes.wants(mail.user_id, kind, Channel.MAIL):
        raise NotToBeSent("Its receiver does not want such mails any more.")
    hours = quiet_hours_of(await session.get_one(User, mail.user_id), zone=zone)
    until = hours.end_after(datetime.now(UTC)) if hours else None
    if until is not None:
        raise NotYet(until)
