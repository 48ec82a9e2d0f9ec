"""Every mutation leaves one entry, in its own transaction, that says who changed what."""

from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind, AuditEntry, AuditOutcome, Record
from mccs_graphql.domain.audit.changes import SECRET, UNAUDITED
from tests.access.askers import Asker, introduce
from tests.access.expected import fields_of, requirement_of
from tests.access.samples import SAMPLES, SUCCEEDS_WITH, settle
from tests.access.test_roots import document_of
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member, make_member
from tests.profiles import Profiles
from tests.trading import Trading


async def entries_about(database: Database, member: Member) -> list[AuditEntry]:
    """What the trail has on an entity, oldest first."""
    async with database.reading() as session:
        found = await session.scalars(
            select(AuditEntry)
            .where(AuditEntry.subjects.contains([member.entity_id]))
            .order_by(AuditEntry.id)
        )
        return list(found)


async def entries_of(database: Database, action: str) -> list[AuditEntry]:
    """The entries of an action."""
    async with database.reading() as session:
        found = await session.scalars(select(AuditEntry).where(AuditEntry.action == action))
        return list(found)


def changes_of(entry: AuditEntry) -> list[dict[str, Any]]:
    assert entry.details
    changes: list[dict[str, Any]] = entry.details["changes"]
    return changes


@pytest.mark.parametrize("name", sorted(fields_of("Mutation")))
async def test_every_mutation_leaves_one_entry(
    graphql: GraphQLClient, database: Database, name: str
) -> None:
    shop = await make_member(database)
    for_admins = requirement_of("Mutation", name).is_for_admins_only
    asker = Asker.ADMIN_OWNER if for_admins else Asker.OWNER
    place = await settle(database, graphql, await introduce(database, asker, shop), shop)
    arguments = await SAMPLES[name](place)
    before = {entry.id for entry in await entries_of(database, name)}

    await graphql.send(document_of("Mutation", name, arguments), by=place.known.token, **arguments)

    (entry,) = [entry for entry in await entries_of(database, name) if entry.id not in before]
    refused = not SUCCEEDS_WITH.get(name, "Payload").endswith("Payload")
    assert entry.outcome is (AuditOutcome.REFUSED if refused else AuditOutcome.DONE)


async def test_says_what_was_before_and_after(
    profiles: Profiles, database: Database, make: MakeMember
) -> None:
    ana = await make(entity_name="The Mill")

    await profiles.updated(ana, name="The Old Mill", city="Eskerford")

    (entry,) = await entries_about(database, ana)
    (change,) = changes_of(entry)
    assert (entry.action, entry.actor_kind, entry.actor_id) == (
        "updateEntity",
        ActorKind.USER,
        ana.user_id,
    )
    assert change["fields"] == {
        "name": ["The Mill", "The Old Mill"],
        "city": ["", "Eskerford"],
        "version": [1, 2],
    }
    assert entry.fields == ["Entity.city", "Entity.name", "Entity.version"]


async def test_payment_names_both_sides_and_their_balances(
    trading: Trading, database: Database, make: MakeMember
) -> None:
    ana, ben = await make(), await make()

    await trading.pay(ana, ben, "10.00")

    proposed, accepted = await entries_about(database, ana)
    assert [proposed.id, accepted.id] == [entry.id for entry in await entries_about(database, ben)]
    balances = {
        change["id"]: change["fields"]["balance"]
        for change in changes_of(accepted)
        if change["record"] == "Account"
    }
    assert balances == {str(ana.entity_id): [0, -1000], str(ben.entity_id): [0, 1000]}


async def test_refused_payment_is_recorded_and_changes_nothing(
    trading: Trading, database: Database, make: MakeMember
) -> None:
    ana, ben = await make(floor="5.00"), await make()

    await trading.propose(ana, ben, "10.00")

    (entry,) = await entries_about(database, ana)
    assert (entry.outcome, entry.refusal) == (AuditOutcome.REFUSED, "CREDIT_LIMIT_EXCEEDED")
    assert changes_of(entry) == []


async def test_forbidden_is_recorded(
    graphql: GraphQLClient, database: Database, make: MakeMember
) -> None:
    ana, ben, eve = await make(), await make(), await make()
    document = document_of("Mutation", "setFavorite", ["input"])

    input_ = {"actingFor": ana.id, "entityId": ben.id, "favorite": True}
    assert await graphql.code(document, by=eve, input=input_) == "FORBIDDEN"

    (entry,) = await entries_about(database, ana)
    assert (entry.refusal, entry.actor_id) == ("FORBIDDEN", eve.user_id)


async def test_repeated_command_leaves_no_second_entry(
    trading: Trading, database: Database, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    key = "0192a1b0-0000-7000-8000-000000000001"

    for _ in range(2):
        await trading.propose(ana, ben, "1.00", key=key)

    assert len(await entries_about(database, ana)) == 1


async def test_secrets_are_not_said(database: Database, graphql: GraphQLClient) -> None:
    shop = await make_member(database)
    place = await settle(database, graphql, await introduce(database, Asker.VISITOR, shop), shop)
    arguments = await SAMPLES["signUp"](place)
    email = arguments["input"]["email"]

    await graphql.send(document_of("Mutation", "signUp", arguments), **arguments)

    (entry,) = [
        entry
        for entry in await entries_of(database, "signUp")
        if any(change["fields"].get("email") == [None, email] for change in changes_of(entry))
    ]
    (user,) = [change for change in changes_of(entry) if change["record"] == "User"]
    (session,) = [change for change in changes_of(entry) if change["record"] == "UserSession"]
    assert user["fields"]["passwordHash"] == [None, SECRET]
    assert session["fields"]["refreshHash"] == [None, SECRET]


def test_every_model_is_audited_or_known_not_to_be() -> None:
    models = {mapper.class_ for mapper in Record.registry.mappers}
    assert models >= UNAUDITED
