"""The community that is fuzzed: who founds it, and how it is found again between the calls."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from mccs_graphql.context import Services
from mccs_graphql.db.models import Account, AdminRole, Category, Entity, User
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.api_token_text import new_text
from mccs_graphql.domain.identity.second_factor import Proof
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from tests.clients import GraphQLClient, new_key
from tests.documents import PROPOSE
from tests.factories import make_admin, new_token
from tests.fuzzing.known import KEPT_OWN, PASSWORDS, PLAIN, Knowledge
from tests.fuzzing.senders import ADMIN_ROLES, ROLES_AT_ANAS, STANDINGS, TURNS_TO_SEND, Sender
from tests.fuzzing.upkeep import Order, codes_of, write_letters
from tests.resolvers.accounts import open_account

OF_ENTITY = """
  id version account { accountNumber } members { userId }
  transfers(first: 12) { nodes { id } }
"""
OWN = f"""{{
  viewer {{
    id email sessions {{ id }}
    entities {{ {OF_ENTITY} invitations {{ id }} apiTokens {{ id }}
      webhooks {{ id cursor }} }}
  }}
  notices(first: 4) {{ nodes {{ id }} }}
}}"""
OWN_AS_ADMIN = """{
  viewer { id email sessions { id } }
  admins { id role }
  entities(first: 4) { nodes { id version } }
  categories(first: 12) { nodes { id } }
  allTags(first: 12) { nodes { tag: name into: name } }
  mails(first: 12, filter: { state: [QUEUED, SENT, FAILED, DROPPED] }) { nodes { id } }
}"""
OWN_AS_AGENT = f"{{ apiToken {{ id entity {{ {OF_ENTITY} }} }} }}"
INVITE = (
    "mutation Invite($input: InviteMemberInput!) { inviteMember(input: $input) { __typename } }"
)
REGISTER = (
    "mutation Do($input: CreateWebhookInput!) { createWebhook(input: $input) { __typename } }"
)
KEPT_CODES = 4
"""Of those that a sender knew when last looked at."""
LASTING = timedelta(days=1)


@dataclass
class Town:
    """A community, those who call, and all that is known or must stay unknown."""

    services: Services
    graphql: GraphQLClient
    senders: dict[str, Sender] = field(default_factory=dict)
    known: Knowledge = field(default_factory=Knowledge)
    secrets: set[str] = field(default_factory=set)
    order: Order | None = None

    def sender(self, turn: int) -> Sender:
        """Whose turn it is."""
        return self.senders[TURNS_TO_SEND[turn % len(TURNS_TO_SEND)]]

    async def found(self) -> None:
        """Everybody moves in."""
        for name in STANDINGS:
            await self._open_account(name)
        await self._open_account("dead")
        await self.graphql("mutation { logOut { loggedOut } }", by=self.senders["dead"].token)
        self.senders["dead"].user_id = None
        await self._appoint()
        await self._join()
        robot_hash = await self._make_robot()
        self.senders |= {"visitor": Sender(None), "nonsense": Sender("nonsense")}
        self.secrets |= {*PASSWORDS, "$argon2"}
        for name, values in PLAIN.items():
            self.known.plant(name, *values)
        await self._settle()
        password_hash = await self.services.passwords.hash(PASSWORDS[0])
        self.order = Order(self.senders, password_hash, robot_hash)
        await self.put_right()
        await self._propose()
        await self._invite()
        await self._register()
        await self.catch_up()

    async def _open_account(self, name: str) -> None:
        login = await open_account(self.graphql)
        self.secrets |= {login.token, login.refresh_token}
        entity_id = id_of(IdPrefix.ENTITY, login.entity_id)
        self.senders[name] = Sender(login.token, login.user_id, entity_id)

    async def _appoint(self) -> None:
        """Admins who call, and one more for them to decide about."""
        for name, role in [*ADMIN_ROLES.items(), ("", AdminRole.MODERATOR)]:
            login = await make_admin(self.services.database, role)
            self.secrets |= {login.token, login.refresh_token}
            self.known.learn({"id": encode_id(IdPrefix.ADMIN, login.user_id)})
            if name:
                self.senders[name] = Sender(login.token, login.user_id)

    async def _join(self) -> None:
        """Users who belong to nothing but the entity of ana; they get their roles with the rest."""
        for name in ROLES_AT_ANAS.keys() - STANDINGS.keys():
            user = User(email=f"{name}@example.com", password_hash="!")
            async with self.services.database.writing() as session:
                session.add(user)
            self.senders[name] = Sender(None, user.id)
            await self.log_in(self.senders[name])

    async def _make_robot(self) -> bytes:
        """Software that may do for ana whatever software may; the hash of its token."""
        ana, made = self.senders["ana"], new_text()
        assert ana.user_id
        assert ana.entity_id
        token = new_token(ana.entity_id, user_id=ana.user_id, text=made)
        token.expires_at = datetime.now(UTC) + LASTING
        async with self.services.database.writing() as session:
            session.add(token)
        self.senders["robot"] = Sender(made)
        self.secrets.add(made)
        return token.token_hash

    async def _settle(self) -> None:
        """Limits, a profile that says enough to trade, and a heading."""
        said = {"telephone": "+44 20 7946 0958", "inc_type": "ltd", "address": "1 Mill Lane"}
        place = {"city": "Eskerford", "region": "Marlshire", "postal_code": "ES1 2AB"}
        more = {"country": "England", "description": "Bread."}
        named = {"first_name": "A", "last_name": "B", "telephone": said["telephone"]}
        async with self.services.database.writing() as session:
            for name, (_, most) in STANDINGS.items():
                of = self.senders[name]
                limits = {"max_negative_balance": most, "max_positive_balance": most}
                for change in (
                    update(Entity).where(Entity.id == of.entity_id).values(said | place | more),
                    update(Account).where(Account.entity_id == of.entity_id).values(limits),
                    update(User).where(User.id == of.user_id).values(named),
                ):
                    await session.execute(change)
            category = Category(name="Food")
            session.add(category)
            await session.flush()
            self.known.learn({"id": encode_id(IdPrefix.CATEGORY, category.id)})

    async def _propose(self) -> None:
        """A transfer, so that there is one to decide from the first."""
        ana, ben = (self._entity_of(name) for name in ("ana", "ben"))
        terms = {"initiatorId": ana, "receiver": {"id": ben}}
        more = {"direction": "OUT", "amount": "1.00", "idempotencyKey": new_key()}
        by = self.senders["ana"].token
        self.known.learn(await self.graphql(PROPOSE, by=by, input=terms | more))

    async def _invite(self) -> None:
        """An invitation that is open."""
        wish = {"entityId": self._entity_of("ana"), "email": "guest@example.com", "role": "VIEWER"}
        await self.graphql(INVITE, by=self.senders["ana"].token, input=wish)

    async def _register(self) -> None:
        """A webhook that leads nowhere."""
        wish = {"entityId": self._entity_of("ana"), "url": PLAIN["url"][0]}
        by = self.senders["ana"].token
        await self.graphql(REGISTER, by=by, input=wish | {"kinds": ["TRANSFER_COMPLETED"]})

    def _entity_of(self, name: str) -> str:
        entity_id = self.senders[name].entity_id
        assert entity_id
        return encode_id(IdPrefix.ENTITY, entity_id)

    async def put_right(self) -> None:
        """What others and time do: everybody is what they were, and a day has passed."""
        assert self.order
        async with self.services.database.writing() as session:
            await self.order.restore(session)

    async def catch_up(self) -> None:
        """Look up what is whose by now, and read the latest mails."""
        for name, sender in self.senders.items():
            if sender.user_id or name == "robot":
                await self._renew(name, sender)
        async with self.services.database.writing() as session:
            letters = await write_letters(session)
        for place, tokens in letters.items():
            self.known.forget(place)
            self.known.plant(place, *tokens)
            self.known.plant("token", *tokens)
            self.secrets |= set(tokens)

    async def look_at_app(self, sender: Sender) -> None:
        """Know the codes that the sender's app shows, if there is one."""
        if sender.user_id:
            async with self.services.database.writing() as session:
                codes = await codes_of(session, sender.user_id, seal=self.services.seal)
            sender.own.plant(".code", *codes)

    async def _renew(self, name: str, sender: Sender) -> None:
        """What is the sender's by now, in a session that lasts."""
        document = OWN_AS_ADMIN if name in ADMIN_ROLES else OWN if sender.user_id else OWN_AS_AGENT
        answer = await self.graphql.send(document, by=sender.token)
        if sender.user_id and is_logged_out(answer):
            await self.log_in(sender)
            answer = await self.graphql.send(document, by=sender.token)
            assert not is_logged_out(answer), answer
        codes = list(sender.own.named.get(".code", ()))[-KEPT_CODES:]
        sender.own = Knowledge(KEPT_OWN)
        sender.own.plant(".code", *codes)
        sender.own.plant("password", PASSWORDS[0])
        sender.own.learn(answer.get("data"))
        self.known.learn(answer.get("data"))

    async def log_in(self, sender: Sender) -> None:
        """Begin a session, whatever the password is by now, with a code if it takes one."""
        assert sender.user_id
        async with self.services.database.writing() as session:
            user = await session.get_one(User, sender.user_id)
            user.deleted_at = None  # nobody who is deleted could log in
            await session.flush()
            codes = await codes_of(session, user.id, seal=self.services.seal)
            proof = Proof(codes[0], self.services.seal, datetime.now(UTC)) if codes else None
            begun = await sessions.begin(
                session, user, origin=sessions.Origin(), days=1, proof=proof
            )
        self.secrets.add(begun.refresh_token)
        self.known.plant("refreshToken", begun.refresh_token)
        subject = encode_id(IdPrefix.USER, user.id)
        sender.token = (await self.services.tokens.issue(subject, begun.session.id)).text

    async def wrongs(self) -> list[str]:
        """What is wrong with the books, the logs of events, or the server."""
        async with self.services.database.snapshot() as session:
            findings = await check_books(session, progress=lambda _: None)
        answer = await self.graphql.send("{ __typename }")
        alive = answer.get("data") == {"__typename": "Query"}
        return [*map(str, findings.differences), *([] if alive else [f"no answer: {answer}"])]


def is_logged_out(answer: dict[str, object]) -> bool:
    """Whether a session has ended, whatever else is wrong with an answer."""
    return "UNAUTHENTICATED" in str(answer.get("errors"))
