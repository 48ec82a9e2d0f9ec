"""Somebody else's ids, tried wherever the schema takes one: nothing is said, nothing changes."""

from copy import deepcopy
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
from sqlalchemy import text

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Category, EntityCategory
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.identity.api_token_text import new_text
from mccs_graphql.schema.ids import IdPrefix, decode_id, encode_id
from tests.access.askers import Known
from tests.access.samples import SAMPLES, settle
from tests.access.test_roots import document_of, outcome_of
from tests.attacks.doors import DOORS, OWN, Door, ways_for_ids
from tests.clients import GraphQLClient, Live
from tests.factories import Member, make_member, new_token
from tests.invitations import invitation_of
from tests.mails import queue
from tests.profiles import Profiles
from tests.resolvers.stage import put
from tests.trading import Trading
from tests.webhooks import make_webhook

OTHER_WAYS = sorted(ways_for_ids() - {way.partition(" ")[0] for way in DOORS})
"""Those without a door of their own, tried with what is right for Mallory but for one id."""
BESIDE = {"audit_entries", "notices", "notice_heads"}
"""What is also written in the background, whenever its turn comes."""
UNTOLD = """SELECT EXISTS (SELECT FROM events WHERE NOT told)
    OR EXISTS (SELECT FROM notices WHERE number IS NULL)"""
TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
REFUSALS = {"FORBIDDEN", "UNAUTHENTICATED", "BAD_USER_INPUT"}
TELEPHONE, TURNOVER, WORDS = "+44 20 7946 0958", 731_462_985, "for Ana's eyes only"
MALFORMED = ("", "x", "ent_", "\0", "' OR true -- ", "é" * 30, "x" * 5_000)


@dataclass(frozen=True)
class Scene:
    """Ana, of whom much is private, with a proposal from Ben; and Mallory, who trades too."""

    ana: Member
    mallory: Member
    transfer_id: str
    more: dict[IdPrefix, UUID]
    graphql: GraphQLClient
    live: Live

    @property
    def ids(self) -> dict[IdPrefix, UUID]:
        """What is Ana's, by what it is."""
        transfer = decode_id(self.transfer_id)
        assert transfer
        return {
            IdPrefix.ENTITY: self.ana.entity_id,
            IdPrefix.USER: self.ana.user_id,
            IdPrefix.SESSION: self.ana.session_id,
            IdPrefix.TRANSFER: transfer[1],
            IdPrefix.ADMIN: self.ana.user_id,
            **self.more,
        }

    @property
    def secrets(self) -> list[str]:
        """What nobody but Ana may read."""
        ana = self.ana
        return [TELEPHONE, str(TURNOVER), WORDS, "Secretname", ana.account_number, ana.token]

    def variables(self, door: Door, id_: str) -> dict[str, Any]:
        """The variables with the id in its place, and Mallory's own wherever else one is needed."""
        own = orjson.loads(
            orjson.dumps(door.variables).replace(OWN.encode(), self.mallory.id.encode())
        )
        found: dict[str, Any] = put(deepcopy(own), door.path, id_)
        return found

    async def tried(self, door: Door, id_: str, *, by: Member | None) -> dict[str, Any]:
        """The answer, over a socket for what is listened to."""
        variables = self.variables(door, id_)
        if not door.document.startswith("subscription"):
            answer = await self.graphql.send(door.document, by=by, **variables)
            assert codes_in(answer) <= REFUSALS, answer
            return answer
        async with self.live.socket(by) as socket:
            message = await (await socket.subscribe(door.document, **variables)).message()
        is_error = message["type"] == "error"
        payload: dict[str, Any] = {"errors": message["payload"]} if is_error else message["payload"]
        return payload


@pytest.fixture(scope="module")
async def scene(database: Database, graphql: GraphQLClient, live: Live) -> Scene:
    """Shared by the tests of this module: whatever they try, Ana stays as she is."""
    ana = await make_member(database, last_name="Secretname")
    ben, mallory = await make_member(database), await make_member(database)
    private = {"telephone": TELEPHONE, "declaredTurnover": TURNOVER}
    await Profiles(graphql).updated(ana, **private)
    transfer_id = await Trading(graphql).proposed(ben, ana, description=WORDS)
    api_token = new_token(ana.entity_id, user_id=ana.user_id, text=new_text())
    invitation = invitation_of(ana)
    category = Category(id=uuid7(), name=uuid4().hex)
    filed = EntityCategory(entity_id=ana.entity_id, category_id=category.id)
    async with database.writing() as session:
        session.add_all((api_token, invitation, category))
        await session.flush()
        session.add(filed)
    webhook_id = await make_webhook(database, ana, "http://127.0.0.1:9/hook", paused=True)
    more = {
        IdPrefix.API_TOKEN: api_token.id,
        IdPrefix.INVITATION: invitation.id,
        IdPrefix.CATEGORY: category.id,
        IdPrefix.WEBHOOK: webhook_id,
        IdPrefix.MAIL: await queue(database, ana),
    }
    while not await is_told(database):
        pass  # to look takes a moment
    return Scene(ana, mallory, transfer_id, more, graphql, live)


async def is_told(database: Database) -> bool:
    """Whether users have been told of everything, in the background: it changes rows of theirs."""
    async with database.reading() as session:
        return not await session.scalar(text(UNTOLD))


async def rows_of(database: Database, scene: Scene) -> set[str]:
    """Every row that has to do with Ana, but for what the trail says: that it was tried."""
    found: set[str] = set()
    ids = [str(id_) for id_ in scene.ids.values()]
    async with database.reading() as session:
        for table in set((await session.scalars(text(TABLES))).all()) - BESIDE:
            rows = text(f'SELECT t::text FROM "{table}" t WHERE t::text ~ :ids')  # noqa: S608
            found |= {
                f"{table} {row}" for row in await session.scalars(rows, {"ids": "|".join(ids)})
            }
    return found


def codes_in(answer: dict[str, Any]) -> set[str]:
    return {error["extensions"]["code"] for error in answer.get("errors", ())}


def assert_refused(answer: dict[str, Any]) -> None:
    """Refused by a rule or before it, or there is nothing to be found."""
    if codes := codes_in(answer):
        assert codes <= REFUSALS, answer
        return
    result = (answer.get("data") or {}).get("result")
    if isinstance(result, dict) and ("code" in result or result.get("possible") is False):
        return
    assert is_empty(result), answer


def is_empty(value: object) -> bool:
    if isinstance(value, dict):
        return all(map(is_empty, value.values()))
    if isinstance(value, list):
        return all(map(is_empty, value))
    return value is None


def test_every_way_for_an_id_has_a_door_or_a_sample() -> None:
    assert {way.partition(" ")[0] for way in DOORS} <= ways_for_ids()
    assert {root_of(way)[0] for way in OTHER_WAYS} <= {"Query", "Mutation"}


@pytest.mark.parametrize("by", ["member", "visitor"])
@pytest.mark.parametrize("way", DOORS)
async def test_anothers_id(scene: Scene, database: Database, way: str, by: str) -> None:
    door, before = DOORS[way], await rows_of(database, scene)
    id_ = encode_id(door.of, scene.ids[door.of])

    answer = await scene.tried(door, id_, by=scene.mallory if by == "member" else None)

    said = orjson.dumps(answer).decode()
    assert [secret for secret in scene.secrets if secret in said] == []
    if not door.is_public:
        assert_refused(answer)
        assert await rows_of(database, scene) == before


@pytest.mark.parametrize("way", OTHER_WAYS)
async def test_anothers_id_among_what_is_right(
    scene: Scene, database: Database, graphql: GraphQLClient, way: str
) -> None:
    root, name, path = root_of(way)
    mallory = Known(scene.mallory, scene.mallory.token)
    place = await settle(database, graphql, mallory, scene.mallory)
    arguments, before = await SAMPLES[name](place), await rows_of(database, scene)
    anas = replaced(arguments, path, scene.ids)

    answer = await graphql.send(document_of(root, name, anas), by=scene.mallory, **anas)

    assert outcome_of(name, answer) != "answer", answer
    assert [secret for secret in scene.secrets if secret in orjson.dumps(answer).decode()] == []
    assert await rows_of(database, scene) == before


def root_of(way: str) -> tuple[str, str, tuple[str, ...]]:
    """The root type, its field and the path of an id in the arguments."""
    root, _, rest = way.partition(".")
    name, _, path = rest.rstrip(")").partition("(")
    return root, name, tuple(path.split("."))


def replaced(
    arguments: dict[str, Any], path: tuple[str, ...], ids: dict[IdPrefix, UUID]
) -> dict[str, Any]:
    """The arguments with Ana's id of the same kind at the path."""
    changed = deepcopy(arguments)
    *outer, last = path
    inside = changed
    for step in outer:
        inside = inside.setdefault(step, {})
    right = inside.get(last)
    of = _kind_of(right[0] if isinstance(right, list) else right, last)
    anas = encode_id(of, ids[of])
    inside[last] = [anas] if isinstance(right, list) else anas
    return changed


def _kind_of(right: str | None, name: str) -> IdPrefix:
    """Of what an id is: as the one that is right there, or by the name of an optional input."""
    decoded = decode_id(right) if right else None
    if decoded:
        return decoded[0]
    return IdPrefix.USER if name == "actor" else IdPrefix.ENTITY


@pytest.mark.parametrize("way", DOORS)
async def test_id_of_another_type(scene: Scene, database: Database, way: str) -> None:
    door, before = DOORS[way], await rows_of(database, scene)
    others = [prefix for prefix in scene.ids if prefix is not door.of]
    tried = [encode_id(prefix, scene.ids[door.of]) for prefix in others]

    for id_ in tried:
        assert_refused(await scene.tried(door, id_, by=scene.mallory))

    assert await rows_of(database, scene) == before


@pytest.mark.parametrize("way", DOORS)
async def test_malformed_or_unknown_id(scene: Scene, database: Database, way: str) -> None:
    door, before = DOORS[way], await rows_of(database, scene)
    anas = encode_id(door.of, scene.ids[door.of])
    near = (anas[:-1], f"{anas}A", f" {anas}", anas.swapcase(), str(scene.ids[door.of]))

    for id_ in (*MALFORMED, *near, encode_id(door.of, uuid4())):
        assert_refused(await scene.tried(door, id_, by=scene.mallory))

    assert await rows_of(database, scene) == before
