"""Members as the tests need them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.sign_up import Application, Terms, add_member, new_member
from mccs_graphql.domain.money import parse_money
from mccs_graphql.schema.ids import IdPrefix, encode_id

_number = count(1)

MakeMember = Callable[..., Awaitable["Member"]]


@dataclass(frozen=True)
class Member:
    """A user who is logged in, and the entity to act for."""

    token: str
    user_id: UUID
    entity_id: UUID
    account_number: str
    email: str
    name: str

    @property
    def id(self) -> str:
        """The id of the entity as clients see it."""
        return encode_id(IdPrefix.ENTITY, self.entity_id)


async def make_member(
    database: Database,
    *,
    floor: str = "100.00",
    ceiling: str = "100.00",
    status: EntityStatus = EntityStatus.TRADING_ACCEPTED,
    **wishes: Any,
) -> Member:
    """Add a member whose balance may go from ``-floor`` to ``ceiling``."""
    number = next(_number)
    application = Application(
        **{
            "email": f"member{number}@example.com",
            "password": "",
            "entity_name": f"Entity {number:05}",
        }
        | wishes
    )
    terms = Terms(status, parse_money(floor, scale=2), parse_money(ceiling, scale=2))
    member = new_member(application, email=application.email, password_hash="!", terms=terms)
    async with database.writing() as session:
        await add_member(session, member)
        log_in = await sessions.begin(session, member.user, days=1)
    return Member(
        token=log_in.token,
        user_id=member.user.id,
        entity_id=member.entity.id,
        account_number=member.account.account_number,
        email=application.email,
        name=application.entity_name,
    )
