"""Applying for trading."""

import asyncio
from typing import Any

import pytest

from mccs_graphql.db.models import EntityStatus
from tests.clients import GraphQLClient
from tests.documents import APPLY
from tests.factories import MakeMember
from tests.profiles import Profiles, problems

OF_ENTITY: dict[str, Any] = {
    "incType": "ltd",
    "description": "Bread",
    "address": "1 Mill Lane",
    "city": "Eskerford",
    "region": "Marlshire",
    "postalCode": "ES1 2AB",
    "country": "England",
}
OF_USER: dict[str, Any] = {"firstName": "Ana", "lastName": "Silva", "telephone": "020 7946 0958"}
WHOLE = OF_ENTITY | OF_USER


async def test_visitor_is_sent_to_log_in(graphql: GraphQLClient) -> None:
    input_ = {"entityId": "ent_x", "expectedVersion": 1}

    assert await graphql.code(APPLY, input=input_) == "UNAUTHENTICATED"


async def test_nobody_applies_for_an_entity_of_others(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make(status=EntityStatus.ACCEPTED)
    input_ = {"entityId": ben.id, "expectedVersion": 1} | WHOLE

    assert await graphql.code(APPLY, by=ana, input=input_) == "FORBIDDEN"


@pytest.mark.parametrize("status", [s for s in EntityStatus if s is not EntityStatus.ACCEPTED])
async def test_only_accepted_entities_apply(
    make: MakeMember, profiles: Profiles, status: EntityStatus
) -> None:
    ana = await make(status=status)

    result = await profiles.apply(ana, **WHOLE)

    assert (result["code"], result["status"]) == ("APPLICATION_NOT_POSSIBLE", status.name)
    assert (await profiles.seen(ana, by=ana))["city"] == ""


async def test_everything_that_is_missing_is_listed_and_nothing_is_kept(
    make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)

    result = await profiles.apply(ana, city="Eskerford", firstName="Ana")

    missing = WHOLE.keys() - {"city", "firstName"}
    assert problems(result) == dict.fromkeys(missing, "MISSING")
    seen = await profiles.seen(ana, by=ana)
    assert (seen["status"], seen["city"], seen["version"]) == ("ACCEPTED", "", 1)
    assert (await profiles.update_user(ana))["user"]["firstName"] == ""


@pytest.mark.parametrize("field", WHOLE)
@pytest.mark.parametrize("value", [None, "", " "])
async def test_each_is_needed(
    make: MakeMember, profiles: Profiles, field: str, value: str | None
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)

    assert problems(await profiles.apply(ana, **WHOLE | {field: value})) == {field: "MISSING"}


async def test_input_of_another_form_is_refused(make: MakeMember, profiles: Profiles) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)
    bad = {"incType": "gmbh", "telephone": "12", "city": "x" * 51, "lastName": "a\0"}

    assert problems(await profiles.apply(ana, **WHOLE | bad)) == {
        "incType": "NOT_A_CHOICE",
        "telephone": "NOT_A_TELEPHONE_NUMBER",
        "city": "TOO_LONG",
        "lastName": "BAD_CHARACTER",
    }


async def test_application_for_an_older_version_is_refused(
    make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)
    await profiles.updated(ana, city="Marl Cross")

    result = await profiles.apply(ana, **WHOLE)

    assert (result["code"], result["version"]) == ("ENTITY_CHANGED", 2)


async def test_accepted_entity_that_has_told_everything_waits_for_an_admin(
    make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)

    result = await profiles.apply(ana, **WHOLE)

    assert result["entity"] == {"status": "TRADING_PENDING", "version": 2, "city": "Eskerford"}
    assert result["user"] == {"firstName": "Ana", "telephone": "+44 20 7946 0958"}


async def test_what_the_profiles_say_need_not_be_said_again(
    make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)
    await profiles.updated(ana, **OF_ENTITY)
    await profiles.update_user(ana, **OF_USER)

    result = await profiles.apply(ana, version=2)

    assert result["entity"]["status"] == "TRADING_PENDING"


async def test_of_applications_at_the_same_moment_one_is_made(
    make: MakeMember, profiles: Profiles
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)

    results = await asyncio.gather(*(profiles.apply(ana, **WHOLE) for _ in range(8)))

    made = [result for result in results if result["__typename"] == "ApplyForTradingPayload"]
    assert len(made) == 1
    assert {result.get("status") for result in results if result not in made} == {"TRADING_PENDING"}
    assert (await profiles.seen(ana))["version"] == 2
