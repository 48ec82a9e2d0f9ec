"""What mails say to users about their own logins; nothing that helps to log in."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Mail
from mccs_graphql.domain.mails.addressing import Contents, on_one_line, receiver_of, to_user


async def password_changed(session: AsyncSession, mail: Mail) -> Contents:
    """From which address of the network; empty if that was not known."""
    user = await receiver_of(session, mail)
    return to_user(user, moment=mail.created_at, address=mail.facts["address"])


async def new_device(session: AsyncSession, mail: Mail) -> Contents:
    """The device is what a program says of itself: whoever logs in can make it say anything."""
    user, facts = await receiver_of(session, mail), mail.facts
    device = on_one_line(facts["device"])
    return to_user(user, moment=mail.created_at, address=facts["address"], device=device)


async def second_factor_on(session: AsyncSession, mail: Mail) -> Contents:
    """From then on a code is needed."""
    return to_user(await receiver_of(session, mail), moment=mail.created_at)


async def second_factor_off(session: AsyncSession, mail: Mail) -> Contents:
    """By the user, or by those who run the community."""
    user = await receiver_of(session, mail)
    return to_user(user, moment=mail.created_at, by_community=mail.facts["by_community"])
