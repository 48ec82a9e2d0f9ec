"""What operations cost, in SQL statements."""

from contextlib import AbstractContextManager
from typing import Any
from uuid import uuid4

import pytest

from mccs_graphql.db.models import EntityStatus
from tests.clients import GraphQLClient
from tests.documents import PROFILE
from tests.factories import MakeMember
from tests.profiles import Profiles
from tests.trading import Trading

PROPOSAL = 7
"""Who asks; the key; both sides, locked; the transfer; both counters; both events; the trail."""
ACCEPTANCE = 8
"""Who asks; the key; transfer and sides, locked; the decision; both balances; postings; events;
the trail."""

EDIT = 14
"""Who asks; no renaming meanwhile; the entity, locked; its tags; tags that go; new words, and all
of them, locked; whose turn it is to relate words; what they are like; tags that come; what is to
be told; the entity; the trail; and the tags again for the answer."""
APPLICATION = 6
"""Who asks; the entity and the user, locked; both changed; the trail."""
PAGE_READ = 4
"""Who asks; the page; its tags; its headings."""
PAGE = f"""
query Page($prefix: String) {{
  entities(filter: {{namePrefix: $prefix}}) {{ nodes {{ {PROFILE} categories {{ name }} }} }}
}}"""


async def test_proposal_and_acceptance_cost_a_small_constant(
    trading: Trading, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana, ben = await make(), await make()
    for _ in range(3):
        await trading.pay(ana, ben, "1.00")

    with counting as statements:
        id_ = await trading.proposed(ana, ben, "1.00")
        proposal = len(statements)
        await trading.accept(ben, id_)

    assert (proposal, len(statements) - proposal) == (PROPOSAL, ACCEPTANCE), statements


async def test_refused_proposal_costs_one_entry_in_the_trail(
    trading: Trading, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana, ben = await make(floor="1.00"), await make()

    with counting as statements:
        await trading.propose(ana, ben, "5.00")

    assert len(statements) == 4, statements
    assert "audit_entries" in statements[-1]


@pytest.mark.parametrize("tags", [1, 10])
async def test_edit_costs_the_same_for_one_tag_and_for_all(
    profiles: Profiles, make: MakeMember, counting: AbstractContextManager[list[str]], tags: int
) -> None:
    ana, word = await make(), uuid4().hex
    await profiles.updated(ana, offers=[f"old {word} {number}" for number in range(tags)])
    new = [f"new {word} {number}" for number in range(tags)]

    with counting as statements:
        await profiles.updated(ana, version=2, city="Eskerford", offers=new, wants=new)

    assert len(statements) == EDIT, statements


async def test_application_costs_a_small_constant(
    profiles: Profiles, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana = await make(status=EntityStatus.ACCEPTED)
    whole: dict[str, Any] = {
        **dict.fromkeys(("description", "address", "city", "region", "country"), "x"),
        "incType": "ltd",
        "postalCode": "x",
        "firstName": "x",
        "lastName": "x",
        "telephone": "020 7946 0958",
    }

    with counting as statements:
        result = await profiles.apply(ana, **whole)

    assert result["__typename"] == "ApplyForTradingPayload"
    assert len(statements) == APPLICATION, statements


async def test_refused_edit_reads_what_changed_and_leaves_one_entry(
    profiles: Profiles, make: MakeMember, counting: AbstractContextManager[list[str]]
) -> None:
    ana = await make()

    with counting as statements:
        await profiles.update(ana, name=None)
        await profiles.update(ana, version=7, city="Eskerford")

    assert len(statements) == 5, statements
    assert "audit_entries" in statements[-1]


@pytest.mark.parametrize("members", [1, 12])
async def test_profiles_cost_the_same_for_one_and_for_many(
    graphql: GraphQLClient,
    profiles: Profiles,
    make: MakeMember,
    counting: AbstractContextManager[list[str]],
    members: int,
) -> None:
    prefix = uuid4().hex
    for number in range(members):
        ana = await make(entity_name=f"{prefix} {number}")
        await profiles.updated(ana, offers=["bread"], wants=["flour"])

    with counting as statements:
        data = await graphql(PAGE, by=ana, prefix=prefix)

    assert len(data["entities"]["nodes"]) == members
    assert len(statements) == PAGE_READ, statements
