"""A small community in which everybody has dealt with everybody, to look at one another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from sqlalchemy import update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    AdminRole,
    Category,
    Entity,
    EntityCategory,
    EntityStatus,
)
from mccs_graphql.domain.cursors import LOG
from mccs_graphql.schema.cursors import encode_cursor
from tests.clients import GraphQLClient, Live, new_key
from tests.factories import Login, Member, make_admin, make_agent, make_member
from tests.invitations import invitation_of
from tests.profiles import Profiles
from tests.trading import Trading
from tests.visibility import (
    BY_EVENTS,
    EVENTS,
    FIELDS,
    FOLLOW,
    ROUTES,
    STATUSES,
    STRANGERS,
    Asker,
    document_of,
    sees,
)
from tests.webhooks import make_webhook

SHOWABLE = {"telephone": "showTelephone", "declaredTurnover": "showDeclaredTurnover"}
STATUS_OF = {
    Asker.ACCEPTED: "ACCEPTED",
    Asker.TRADING: "TRADING_ACCEPTED",
    Asker.PENDING: "PENDING",
}
MISSING = "nothing is there"


@dataclass(frozen=True)
class Neighbour:
    """An entity to look at: of a status, showing one of two private fields to everybody."""

    member: Member
    status: str
    shows: str
    profile: dict[str, Any]
    paying: dict[Asker, str] = field(default_factory=dict)
    paid: dict[Asker, str] = field(default_factory=dict)
    truth: dict[str, Any] = field(default_factory=dict)


@dataclass
class Community:
    """Two entities of each status, those who look at them, and what is found to be wrong."""

    graphql: GraphQLClient
    live: Live
    strangers: dict[Asker, Member]
    auditor: Login
    neighbours: list[Neighbour] = field(repr=False)
    _heard: dict[str, list[Any]] = field(default_factory=dict)

    def of_status(self, status: str) -> list[Neighbour]:
        """The entities of this status: one for each field that can be shown."""
        return [neighbour for neighbour in self.neighbours if neighbour.status == status]

    async def wrong_cells(self, asker: Asker, status: str, routes: Sequence[str]) -> list[str]:
        """Where what is seen of the entities of a status differs from what may be seen.

        The routes are asked for in one document: queries, one mutation, or the events.
        """
        wrong: list[str] = []
        for of in self.of_status(status):
            seen = await self._seen(asker, of, routes)
            for route, found in zip(routes, seen, strict=True):
                expected = self._expected(asker, of, route)
                wrong += [
                    f"{name} by {route}, of one showing {of.shows}: {found.get(name, MISSING)!r}"
                    for name in FIELDS
                    if found.get(name, MISSING) != expected.get(name, MISSING)
                ]
        return wrong

    def _expected(self, asker: Asker, of: Neighbour, route: str) -> dict[str, Any]:
        if not ROUTES.get(route, BY_EVENTS).leads(asker, status=of.status):
            return {}
        return {
            name: of.truth[name] if sees(asker, name, status=of.status, shows=of.shows) else None
            for name in FIELDS
        }

    async def _seen(
        self, asker: Asker, of: Neighbour, routes: Sequence[str]
    ) -> list[dict[str, Any]]:
        """What who asks gets of the entity by each route; empty where it is not there."""
        by = self._login(asker, of)
        if EVENTS in routes:
            return [_only(of, await self._hear(by, self._own(asker, of)))]
        data = await self._ask(by, document_of(routes), self._variables(asker, of))
        return [_only(of, data[f"r{number}"]) for number in range(len(routes))]

    async def _ask(
        self, by: Login | None, document: str, variables: dict[str, Any]
    ) -> dict[str, Any]:
        used = {name: value for name, value in variables.items() if f"${name}:" in document}
        answer = await self.graphql.send(document, by=by, **used)
        if document.startswith("query") and by is not None:
            assert "errors" not in answer, answer
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        assert codes <= {"UNAUTHENTICATED", "FORBIDDEN"}, answer
        return answer["data"] or {"r0": None}

    async def _hear(self, by: Login | None, own: Member) -> list[Any]:
        """All that has happened to the entity so far; nothing for a visitor."""
        if by is None:
            return []
        if by.token not in self._heard:
            after = encode_cursor(LOG, own.entity_id, 0)
            messages = self._heard[by.token] = []
            async with self.live.subscription(FOLLOW, by=by, own=own.id, after=after) as events:
                while (message := await events.next())["__typename"] != "CaughtUp":
                    messages.append(message)
        return self._heard[by.token]

    def _login(self, asker: Asker, of: Neighbour) -> Login | None:
        if asker is Asker.AUDITOR:
            return self.auditor
        return None if asker is Asker.VISITOR else self._own(asker, of)

    def _own(self, asker: Asker, of: Neighbour) -> Member:
        """The entity to ask from; who has none takes the one of a trading stranger."""
        if asker is Asker.OWN:
            return of.member
        return self.strangers[asker if asker in STRANGERS else Asker.TRADING]

    def _variables(self, asker: Asker, of: Neighbour) -> dict[str, Any]:
        side = asker if asker in STRANGERS else Asker.TRADING
        return {
            "id": of.member.id,
            "name": of.member.name,
            "version": of.truth["version"],
            "paying": of.paying[side],
            "paid": of.paid[side],
            "own": self._own(asker, of).id,
            "key": new_key(),
        }


def _only(of: Neighbour, answer: Any) -> dict[str, Any]:
    """What an answer holds of an entity, the same everywhere; empty if there is nothing."""
    found = [entity for entity in entities_in(answer) if entity["id"] == of.member.id]
    assert all(entity == found[0] for entity in found), found
    return found[0] if found else {}


def entities_in(answer: Any) -> Iterator[dict[str, Any]]:
    """Every entity that an answer holds, wherever."""
    if isinstance(answer, list):
        for item in answer:
            yield from entities_in(item)
    if isinstance(answer, dict):
        if answer.get("__typename") == "Entity":
            yield answer
        for value in answer.values():
            yield from entities_in(value)


async def whole_entity(graphql: GraphQLClient, token: str, id_: str) -> dict[str, Any]:
    """All of an entity, found by its id."""
    found: dict[str, Any] = (await graphql(document_of(["Query.entity"]), by=token, id=id_))["r0"]
    return found


async def found_community(database: Database, graphql: GraphQLClient, live: Live) -> Community:
    """Everybody trades at first; only then each gets the status that is wanted."""
    strangers = {asker: await make_member(database) for asker in STRANGERS}
    neighbours = [
        await _move_in(database, graphql, status, shows)
        for status in STATUSES
        for shows in SHOWABLE
    ]
    trading = Trading(graphql)
    for of in neighbours:
        for asker, stranger in strangers.items():
            of.paying[asker] = await trading.proposed(of.member, stranger, "1.00")
            of.paid[asker] = await trading.proposed(stranger, of.member, "1.00")
    for of in neighbours:
        await set_status(database, of.member, of.status)
        of.truth.update(await whole_entity(graphql, of.member.token, of.member.id))
    for asker, stranger in strangers.items():
        await set_status(database, stranger, STATUS_OF[asker])
    auditor = await make_admin(database, AdminRole.AUDITOR)
    return Community(graphql, live, strangers, auditor, neighbours)


async def set_status(database: Database, member: Member, status: str) -> None:
    """What an admin would do."""
    async with database.writing() as session:
        await session.execute(
            update(Entity).where(Entity.id == member.entity_id).values(status=EntityStatus[status])
        )


async def _move_in(
    database: Database, graphql: GraphQLClient, status: str, shows: str
) -> Neighbour:
    """A trading entity that says everything of itself which can be said."""
    name = f"Neighbour {uuid4().hex}"
    member = await make_member(database, entity_name=name)
    profile = {
        "name": name,
        "email": f"{member.entity_id.hex}@shop.example",
        "telephone": "+44 20 7946 0958",
        "incType": "ltd",
        "companyNumber": "01234567",
        "website": "https://shop.example/",
        "declaredTurnover": 5_000_000_000,
        "description": "Bread, and cake on Saturdays.",
        "address": "1 Mill Lane",
        "city": "Eskerford",
        "region": "Marlshire",
        "postalCode": "ES1 2AB",
        "country": "England",
        "showTagsMatchedSinceLastLogin": True,
        "receiveDailyMatchNotificationEmail": True,
    } | {flag: shown == shows for shown, flag in SHOWABLE.items()}
    await Profiles(graphql).updated(member, offers=["bread"], wants=["flour"], **profile)
    async with database.writing() as session:
        category = Category(name=name)
        session.add(category)
        await session.flush()
        session.add(EntityCategory(entity_id=member.entity_id, category_id=category.id))
        session.add(invitation_of(member))
    await make_agent(database, member)
    await make_webhook(database, member, "http://127.0.0.1:9/hook", paused=True)
    return Neighbour(member, status, shows, profile)
