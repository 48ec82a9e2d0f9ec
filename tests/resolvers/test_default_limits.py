"""What new members start with, and who of those who are there follows."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, EntityStatus, LimitChange
from mccs_graphql.db.queries import limits as queries
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import Member, make_admin, make_member
from tests.stewardship import CHANGE_DEFAULT_LIMITS, REASON, Administration, limits
from tests.trading import Trading

SETTINGS = limits("0.00", "500.00")
AT_DEFAULT: dict[str, Any] = {"floor": "0.00", "ceiling": "500.00"}
PREVIEW = """
query Preview($input: PreviewDefaultLimitsInput!, $after: String) {
  previewDefaultLimits(input: $input) {
    following(first: 2, after: $after) {
      totalCount nodes { id } pageInfo { hasNextPage endCursor }
    }
    outOfRange(first: 2) { totalCount nodes { id } }
  }
}"""
DEFAULTS = """
query Defaults {
  defaultLimits {
    status reason changedAt changedBy { id } limits { maxNegativeBalance maxPositiveBalance }
  }
}"""
SIGN_UP = """
mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) {
    ... on SignUpPayload { entity { account { maxNegativeBalance maxPositiveBalance } } }
  }
}"""
LIMITS_OF = """
query Limits($id: ID!) {
  entity(id: $id) { account { maxNegativeBalance maxPositiveBalance } }
}"""


@dataclass(frozen=True)
class Community:
    """A community of its own, whose defaults no other test minds."""

    database: Database
    graphql: GraphQLClient
    administration: Administration

    async def change(
        self, floor: str, ceiling: str, *, status: str = "TRADING_ACCEPTED", **more: object
    ) -> dict[str, Any]:
        """Set a default, where that of the settings was seen."""
        input_ = limits(floor, ceiling) | {
            "status": status,
            "expected": SETTINGS,
            "reason": REASON,
        }
        return await self.administration.do(CHANGE_DEFAULT_LIMITS, input_ | more)

    async def limits_of(self, member: Member) -> dict[str, str]:
        """The limits of a member's account."""
        data = await self.graphql(LIMITS_OF, by=member, id=member.id)
        found: dict[str, str] = data["entity"]["account"]
        return found

    async def preview(self, floor: str, ceiling: str, **page: object) -> dict[str, Any]:
        """What a default would mean for trading members."""
        data = await self.graphql(
            PREVIEW,
            by=self.administration.admin,
            input=limits(floor, ceiling) | {"status": "TRADING_ACCEPTED"},
            **page,
        )
        found: dict[str, Any] = data["previewDefaultLimits"]
        return found

    async def creditor(self) -> Member:
        """One whose limits are the default, with a balance of 50.00."""
        rich, poor = (
            await make_member(self.database, **AT_DEFAULT),
            await make_member(self.database),
        )
        await Trading(self.graphql).pay(poor, rich, "50.00")
        return rich


@pytest.fixture
async def community(empty_settings: Settings, empty_database: Database) -> AsyncIterator[Community]:
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        admin = await make_admin(empty_database, AdminRole.ADMIN)
        yield Community(empty_database, graphql, Administration(graphql, admin))


async def test_default_without_a_reason_is_refused(community: Community) -> None:
    result = await community.change("10.00", "500.00", reason="")

    assert result["problems"] == [{"path": ["reason"], "code": "TOO_SHORT"}]


async def test_second_admin_is_told_what_the_first_has_set(community: Community) -> None:
    await community.change("10.00", "500.00")

    result = await community.change("20.00", "500.00")

    assert (result["code"], result["maxNegativeBalance"]) == ("LIMITS_CHANGED", "10.00")


async def test_default_that_leaves_balances_outside_is_refused(community: Community) -> None:
    rich = await community.creditor()

    result = await community.change("0.00", "49.99", applyTo="ALL_AT_DEFAULT")

    assert (result["code"], result["members"]) == ("BALANCES_OUT_OF_LIMITS", 1)
    assert await community.limits_of(rich) == SETTINGS


async def test_forced_default_leaves_balances_outside(community: Community) -> None:
    rich = await community.creditor()

    result = await community.change("0.00", "49.99", applyTo="ALL_AT_DEFAULT", force=True)

    assert result["followed"] == 1
    assert await community.limits_of(rich) == limits("0.00", "49.99")
    async with community.database.snapshot() as session:
        assert (await check_books(session, progress=lambda _: None)).differences == ()


async def test_only_members_of_the_status_with_the_old_default_follow(
    community: Community,
) -> None:
    database = community.database
    follower = await make_member(database, **AT_DEFAULT)
    own = await make_member(database)
    other = await make_member(database, status=EntityStatus.ACCEPTED, **AT_DEFAULT)

    result = await community.change("10.00", "600.00", applyTo="ALL_AT_DEFAULT")

    assert result["followed"] == 1
    assert await community.limits_of(follower) == limits("10.00", "600.00")
    assert await community.limits_of(own) == limits("100.00", "100.00")
    assert await community.limits_of(other) == SETTINGS


async def test_followers_are_changed_in_batches(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "BATCH", 2)
    followers = [await make_member(community.database, **AT_DEFAULT) for _ in range(5)]

    result = await community.change("10.00", "600.00", applyTo="ALL_AT_DEFAULT")

    assert result["followed"] == 5
    async with community.database.reading() as session:
        changes = (await session.scalars(select(LimitChange))).all()
    assert {change.entity_id for change in changes} == {each.entity_id for each in followers}
    assert {(change.number, change.by_default, change.reason) for change in changes} == {
        (1, True, REASON)
    }


async def test_new_default_is_for_new_members_if_nothing_else_is_said(
    community: Community,
) -> None:
    there = await make_member(community.database, **AT_DEFAULT)

    result = await community.change("10.00", "600.00")

    assert result["followed"] == 0
    assert await community.limits_of(there) == SETTINGS


async def test_sign_up_starts_with_the_default_of_its_status(community: Community) -> None:
    await community.change("10.00", "600.00", status="PENDING")
    await community.change("20.00", "700.00", status="TRADING_ACCEPTED")
    applicant = {"email": "new@example.com", "password": "correct-horse-9", "entityName": "New"}

    data = await community.graphql(SIGN_UP, input=applicant)

    assert data["signUp"]["entity"]["account"] == limits("10.00", "600.00")


async def test_defaults_are_told_for_each_status(community: Community) -> None:
    await community.change("10.00", "600.00", status="PENDING")

    data = await community.graphql(DEFAULTS, by=community.administration.admin)

    found = {each["status"]: each for each in data["defaultLimits"]}
    assert found["PENDING"]["limits"] == limits("10.00", "600.00")
    assert found["PENDING"]["reason"] == REASON
    assert found["PENDING"]["changedBy"]
    assert found["PENDING"]["changedAt"]
    assert found["ACCEPTED"]["limits"] == SETTINGS
    assert found["ACCEPTED"]["changedAt"] is None
    assert len(found) == len(EntityStatus)


async def test_preview_shows_who_would_follow_and_who_would_be_out_of_range(
    community: Community,
) -> None:
    rich = await community.creditor()
    others = [await make_member(community.database, **AT_DEFAULT) for _ in range(2)]

    found = await community.preview("0.00", "49.99")
    rest = await community.preview(
        "0.00", "49.99", after=found["following"]["pageInfo"]["endCursor"]
    )

    ids = [node["id"] for page in (found, rest) for node in page["following"]["nodes"]]
    assert ids == [member.id for member in (rich, *others)]
    assert (found["following"]["totalCount"], found["outOfRange"]["totalCount"]) == (3, 1)
    assert found["outOfRange"]["nodes"] == [{"id": rich.id}]
    assert await community.limits_of(rich) == SETTINGS
