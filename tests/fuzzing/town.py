"""The community that is fuzzed: members of every standing, and what is put right in between."""

from collections import deque
from dataclasses import dataclass, field

from sqlalchemy import select, text, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    AdminRole,
    Category,
    Entity,
    EntityStatus,
    Mail,
    Membership,
    User,
)
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.access_tokens import AccessTokens
from mccs_graphql.domain.identity.one_time import PURPOSES, write_letter
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.schema.ids import IdPrefix, decode_id, encode_id
from tests.clients import GraphQLClient, new_key
from tests.documents import PROPOSE
from tests.factories import make_admin
from tests.fuzzing.known import KEPT_OWN, PASSWORDS, PLAIN, Knowledge
from tests.fuzzing.requests import Ready
from tests.resolvers.accounts import Account as Login
from tests.resolvers.accounts import open_account

OWN = """{
  viewer {
    id email sessions { id }
    entities { id version account { accountNumber } transfers(first: 12) { nodes { id } } }
  }
}"""
STANDINGS = {
    "ana": (EntityStatus.TRADING_ACCEPTED, 100_000),
    "ben": (EntityStatus.TRADING_ACCEPTED, 500),
    "eve": (EntityStatus.TRADING_ACCEPTED, 2_000),
    "cy": (EntityStatus.ACCEPTED, 500),
    "dee": (EntityStatus.PENDING, 500),
    "fay": (EntityStatus.TRADING_REJECTED, 500),
}
"""Each entity's status, and how far its balance goes either way, in the smallest unit."""
TURNS_TO_SEND = (
    *("ana", "ana", "ana", "ana", "ben", "ben", "ben", "eve", "eve", "eve", "cy", "cy"),
    *("ana", "ben", "eve", "cy", "dee", "fay", "visitor", "visitor", "dead", "nonsense"),
    "boss",
)
LETTERS_OF_A_KIND = 2


@dataclass
class Sender:
    """Who sends calls: a member, an admin, or somebody without a token that is good."""

    token: str | None
    login: Login | None = None
    waiting: deque[Ready] = field(default_factory=deque)
    own: Knowledge = field(default_factory=lambda: Knowledge(KEPT_OWN))


@dataclass
class Town:
    """A community, those who call, and all that is known or must stay unknown."""

    database: Database
    tokens: AccessTokens
    graphql: GraphQLClient
    senders: dict[str, Sender] = field(default_factory=dict)
    known: Knowledge = field(default_factory=Knowledge)
    secrets: set[str] = field(default_factory=set)

    def sender(self, turn: int) -> Sender:
        """Whose turn it is."""
        return self.senders[TURNS_TO_SEND[turn % len(TURNS_TO_SEND)]]

    async def found(self) -> None:
        """Everybody moves in."""
        for name in STANDINGS:
            login = await open_account(self.graphql)
            self.senders[name] = Sender(login.token, login)
            self.secrets |= {login.token, login.refresh_token}
        dead = await open_account(self.graphql)
        await self.graphql("mutation { logOut { loggedOut } }", by=dead.token)
        boss, auditor = [
            await make_admin(self.database, role) for role in (AdminRole.OWNER, AdminRole.AUDITOR)
        ]
        self.secrets |= {boss.token, boss.refresh_token}
        self.known.learn({"id": encode_id(IdPrefix.ADMIN, auditor.user_id)})
        self.senders |= {
            "boss": Sender(boss.token),
            "visitor": Sender(None),
            "dead": Sender(dead.token),
            "nonsense": Sender("nonsense"),
        }
        self.secrets |= {*PASSWORDS, "$argon2"}
        for name, values in PLAIN.items():
            self.known.plant(name, *values)
        await self._settle()
        await self.put_right()
        await self._propose()
        await self.catch_up()

    async def _settle(self) -> None:
        """Limits, a profile that says enough to trade, a heading, and an entity shared by two."""
        said = {"telephone": "+44 20 7946 0958", "inc_type": "ltd", "address": "1 Mill Lane"}
        place = {"city": "Eskerford", "region": "Marlshire", "postal_code": "ES1 2AB"}
        async with self.database.writing() as session:
            for name, (_, most) in STANDINGS.items():
                user_id, entity_id = self._ids(name)
                limits = {"max_negative_balance": most, "max_positive_balance": most}
                more = {"country": "England", "description": "Bread."}
                of = Entity.id == entity_id
                await session.execute(update(Entity).where(of).values(**said, **place, **more))
                await session.execute(
                    update(Account).where(Account.entity_id == entity_id).values(**limits)
                )
                await session.execute(
                    update(User)
                    .where(User.id == user_id)
                    .values(first_name="A", last_name="B", telephone=said["telephone"])
                )
            session.add(Membership(user_id=self._ids("eve")[0], entity_id=self._ids("ana")[1]))
            category = Category(name="Food")
            session.add(category)
            await session.flush()
            self.known.learn({"id": encode_id(IdPrefix.CATEGORY, category.id)})

    async def _propose(self) -> None:
        """A transfer, so that there is one to decide from the first."""
        ana, ben = self.senders["ana"].login, self.senders["ben"].login
        assert ana
        assert ben
        terms = {"initiatorId": ana.entity_id, "receiver": {"id": ben.entity_id}}
        more = {"direction": "OUT", "amount": "1.00", "idempotencyKey": new_key()}
        self.known.learn(await self.graphql(PROPOSE, by=ana.token, input=terms | more))

    async def put_right(self) -> None:
        """What admins and time do: standings are as they were, and a day has passed."""
        async with self.database.writing() as session:
            for name, (status, _) in STANDINGS.items():
                of = Entity.id == self._ids(name)[1]
                await session.execute(update(Entity).where(of).values(status=status))
            await session.execute(
                text("UPDATE contact_messages SET created_at = created_at - interval '1 day'")
            )

    async def catch_up(self) -> None:
        """Log in again whoever is out, look up what is theirs, and read the latest mails."""
        for sender in self.senders.values():
            if sender.login:
                await self._renew(sender)
        async with self.database.writing() as session:
            for kind in PURPOSES:
                latest = select(Mail).where(Mail.kind == kind, Mail.user_id.is_not(None))
                latest = latest.order_by(Mail.id.desc()).limit(LETTERS_OF_A_KIND)
                for mail in await session.scalars(latest):
                    letter = await write_letter(session, mail)
                    if letter:
                        self.known.plant("token", letter.token)
                        self.secrets.add(letter.token)

    async def _renew(self, sender: Sender) -> None:
        """What is the sender's by now, in a session that lasts."""
        answer = await self.graphql.send(OWN, by=sender.token)
        if "errors" in answer:
            await self.log_in(sender)
            answer = await self.graphql.send(OWN, by=sender.token)
        assert "errors" not in answer, answer
        sender.own = Knowledge(KEPT_OWN)
        sender.own.learn(answer["data"])
        self.known.learn(answer["data"])

    async def log_in(self, sender: Sender) -> None:
        """Begin a session, whatever the password is by now."""
        assert sender.login
        async with self.database.writing() as session:
            user = await session.get_one(User, sender.login.user_id)
            begun = await sessions.begin(session, user, origin=sessions.Origin(), days=1)
        self.secrets.add(begun.refresh_token)
        self.known.plant("refreshToken", begun.refresh_token)
        subject = encode_id(IdPrefix.USER, user.id)
        sender.token = (await self.tokens.issue(subject, begun.session.id)).text

    async def wrongs(self) -> list[str]:
        """What is wrong with the books, the logs of events, or the server."""
        async with self.database.snapshot() as session:
            findings = await check_books(session, progress=lambda _: None)
        answer = await self.graphql.send("{ __typename }")
        alive = answer.get("data") == {"__typename": "Query"}
        return [*map(str, findings.differences), *([] if alive else [f"no answer: {answer}"])]

    def _ids(self, name: str) -> tuple[object, object]:
        login = self.senders[name].login
        assert login
        decoded = decode_id(login.entity_id)
        assert decoded
        return login.user_id, decoded[1]
