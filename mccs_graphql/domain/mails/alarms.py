"""What those who run the community have to know at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Admin, AdminRole, Mail, MailKind
from mccs_graphql.db.queries.admins import ids_of_roles
from mccs_graphql.domain.ledger.books import Difference
from mccs_graphql.domain.mails.addressing import Contents, NotToBeSent, receiver_of, to_user

WARNED = (AdminRole.OWNER, AdminRole.ADMIN, AdminRole.AUDITOR)
FINDINGS_MAX = 20


async def warn_of_books(session: AsyncSession, differences: Sequence[Difference]) -> None:
    """Have a mail go out to each admin who answers for the books."""
    facts = {
        "count": len(differences),
        "differences": [_shown(each) for each in differences[:FINDINGS_MAX]],
    }
    session.add_all(
        Mail(user_id=id_, kind=MailKind.BOOKS_CHECK_FAILED, facts=facts)
        for id_ in await ids_of_roles(session, WARNED)
    )
    await session.flush()


async def books_check_failed(session: AsyncSession, mail: Mail) -> Contents:
    """To an admin, if the user still is one."""
    user, facts = await receiver_of(session, mail), mail.facts
    admin = await session.get(Admin, user.id)
    if admin is None or admin.role not in WARNED:
        raise NotToBeSent("Its receiver does not answer for the books any more.")
    return to_user(
        user,
        moment=mail.created_at,
        count=facts["count"],
        differences=facts["differences"],
    )


def _shown(difference: Difference) -> dict[str, Any]:
    return {
        "what": difference.what,
        "subject": difference.subject,
        "expected": difference.expected,
        "found": difference.found,
    }
