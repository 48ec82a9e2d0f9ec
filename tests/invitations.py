"""Inviting, joining and leaving as members do it, over the API."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from graphql import GraphQLUnionType, build_schema, get_named_type
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Invitation, Mail, MailKind, Role
from mccs_graphql.domain.identity.one_time import write_letter
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from tests.access.askers import join
from tests.clients import GraphQLClient
from tests.factories import Member, make_member

SCHEMA = build_schema((Path(__file__).parents[1] / "schema.graphql").read_text())
RESULT = """
    __typename
    ... on UserError { code path message }
    ... on InvalidInput { problems { path code } }
    ... on TooManyInvitations { most }
    ... on TooManyMembers { most }
    ... on TooManyEntities { most }
    ... on TooManyAttempts { retryAt }
    ... on InvitationPayload { invitation { id email role message invitedBy } }
    ... on EntityPayload { entity { id name members { userId role } invitations { id } } }
    ... on MembershipPayload { membership { role entity { id members { userId } } } }
    ... on SignUpWithInvitationPayload { token user { id email emailVerifiedAt } }
    ... on DeclineInvitationPayload { declined }
    ... on LeaveEntityPayload { leftId }
"""
MEMBERS = """
query Members($id: ID!) {
  entity(id: $id) {
    members { userId firstName email role since }
    invitations { id email role message invitedBy invitedAt expiresAt }
  }
}"""
MEMBERSHIPS = "{ viewer { memberships { role since entity { id name status } } } }"


@dataclass(frozen=True)
class Invited:
    """An open invitation, with the token of its mail."""

    id: str
    email: str
    token: str


def user_id_of(member: Member) -> str:
    """The user as clients see it."""
    return encode_id(IdPrefix.USER, member.user_id)


def new_address() -> str:
    """An address that nobody has."""
    return f"{uuid4().hex}@guest.example"


class Memberships:
    """What the tests make people do about members; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self._graphql = graphql

    async def do(self, name: str, by: Member | str | None, **input_: Any) -> dict[str, Any]:
        """Any of the mutations."""
        type_ = "InvitationTokenInput" if input_.keys() == {"token"} else f"{_capital(name)}Input"
        document = f"mutation Do($input: {type_}!) {{ {name}(input: $input) {{ {_asked(name)} }} }}"
        result: dict[str, Any] = (await self._graphql(document, by=by, input=input_))[name]
        return result

    async def invite(
        self, by: Member, email: str, role: str = "VIEWER", *, of: Member | None = None, **more: Any
    ) -> dict[str, Any]:
        """Invite an address to the member's entity, or to another one."""
        shop = (of or by).id
        return await self.do("inviteMember", by, entityId=shop, email=email, role=role, **more)

    async def accept(self, by: Member | str, token: str) -> dict[str, Any]:
        """Become a member."""
        return await self.do("acceptInvitation", by, token=token)

    async def change_role(
        self, by: Member, who: Member, role: str, *, of: Member
    ) -> dict[str, Any]:
        """Give a member of an entity another role."""
        return await self.do(
            "changeMemberRole", by, entityId=of.id, userId=user_id_of(who), role=role
        )

    async def remove(self, by: Member, who: Member, *, of: Member) -> dict[str, Any]:
        """End somebody's membership."""
        return await self.do("removeMember", by, entityId=of.id, userId=user_id_of(who))

    async def leave(self, by: Member, of: Member) -> dict[str, Any]:
        """End one's own membership."""
        return await self.do("leaveEntity", by, entityId=of.id)

    async def seen(self, of: Member, *, by: Member | str | None) -> dict[str, Any]:
        """The members and invitations of an entity as somebody sees them."""
        found: dict[str, Any] = (await self._graphql(MEMBERS, by=by, id=of.id))["entity"]
        return found

    async def roles(self, of: Member, *, by: Member) -> dict[str, str]:
        """The roles in an entity by user."""
        found = await self.seen(of, by=by)
        return {member["userId"]: member["role"] for member in found["members"]}


async def invited(
    database: Database,
    graphql: GraphQLClient,
    shop: Member,
    *,
    role: Role = Role.VIEWER,
    email: str | None = None,
) -> Invited:
    """Somebody whom the owner of an entity has invited, over the API."""
    address = email or new_address()
    result = await Memberships(graphql).invite(shop, address, role.value)
    id_: str = result["invitation"]["id"]
    return Invited(id_, address, await token_of(database, id_))


async def token_of(database: Database, invitation_id: str) -> str:
    """The token in the last mail of an invitation, as its sender would write it now."""
    async with database.writing() as session:
        mail = await last_mail(database, id_of(IdPrefix.INVITATION, invitation_id))
        letter = await write_letter(session, mail)
    assert letter
    return letter.token


async def last_mail(database: Database, invitation_id: UUID) -> Mail:
    """The last mail that waits for who is invited."""
    async with database.reading() as session:
        mail = await session.scalar(
            select(Mail)
            .where(
                Mail.kind == MailKind.INVITATION,
                Mail.facts["invitation_id"].astext == str(invitation_id),
            )
            .order_by(Mail.id.desc())
            .limit(1)
        )
    assert mail, "no such mail waits"
    return mail


async def make_partner(database: Database, of: Member, role: Role, **wishes: Any) -> Member:
    """One who belongs to the entity in this role, and to one of their own."""
    person = await make_member(database, **wishes)
    await join(database, person, of, role)
    return person


def acting(member: Member, of: Member) -> Member:
    """The member acting for another entity of theirs."""
    return replace(of, token=member.token, user_id=member.user_id)


def _capital(name: str) -> str:
    return name[0].upper() + name[1:]


def _asked(name: str) -> str:
    """Of what can be asked, that which the mutation may lead to."""
    return "\n".join(line for line in RESULT.splitlines() if _fits(name, line))


def _fits(name: str, line: str) -> bool:
    _, _, rest = line.partition("... on ")
    return not rest or rest.split()[0] in {"UserError", *_led_to(name)}


def _led_to(name: str) -> set[str]:
    mutation = SCHEMA.mutation_type
    assert mutation
    result = get_named_type(mutation.fields[name].type)
    assert isinstance(result, GraphQLUnionType)
    return {of.name for of in result.types}


def invitation_of(member: Member) -> Invitation:
    """Somebody is invited, so that there is something to see of it."""
    return Invitation(
        entity_id=member.entity_id,
        email=f"{member.entity_id.hex}@guest.example",
        role=Role.VIEWER,
        message="Have a look.",
        invited_by=member.user_id,
        expires_at=datetime.now(UTC) + timedelta(days=1),
    )
