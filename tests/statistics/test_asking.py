"""Admins ask for the figures over the API."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import make_admin
from tests.statistics.ledger import HOUR, SPRING, Ledger, on

STATISTICS = """
query Figures($from: DateTime!, $to: DateTime!) {
  communityStatistics(from: $from, to: $to) {
    from to leastEntities suppressed
    members { status count } transfers { state count }
    turnover turnoverByMonth { month turnover } topTenTurnoverShare velocity
    creditInUse creditAllowed atMaxNegativeBalance atMaxPositiveBalance
    topTenBalanceShare balanceGini
    newMembers newMembersTraded timeToFirstTrade { median p90 } timeToDecision { median p90 }
  }
}"""
IN_SPRING = {"from": SPRING.since.isoformat(), "to": SPRING.until.isoformat()}
STATEMENTS = 10
"""Who asks; room to sort in; the time; and seven questions."""


async def test_answer_has_all_figures(
    ledger: Ledger, empty_database: Database, empty_settings: Settings
) -> None:
    town = await ledger.members(10, joined=on(3, 2))
    for payer, payee in zip(town[:5], town[5:], strict=True):
        await ledger.pay(payer, payee, 10_000, on(3, 4), waited=2 * HOUR)
    auditor = await make_admin(empty_database, AdminRole.AUDITOR)
    app = create_app(empty_settings)

    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        data = await graphql(STATISTICS, by=auditor, **IN_SPRING)

    counts: dict[str, int] = {"TRADING_ACCEPTED": 10}
    statuses = ("PENDING", "REJECTED", "ACCEPTED", "TRADING_PENDING", "TRADING_ACCEPTED")
    waited = {"median": 2 * 24 * 3600, "p90": 2 * 24 * 3600}
    assert data["communityStatistics"] == {
        "from": "2026-03-01T00:00:00Z",
        "to": "2026-05-01T00:00:00Z",
        "leastEntities": 5,
        "suppressed": ["TOP_TEN_TURNOVER_SHARE", "TOP_TEN_BALANCE_SHARE"],
        "members": [
            {"status": status, "count": counts.get(status, 0)}
            for status in (*statuses, "TRADING_REJECTED")
        ],
        "transfers": [
            {"state": "INITIATED", "count": 0},
            {"state": "COMPLETED", "count": 5},
            {"state": "CANCELLED", "count": 0},
        ],
        "turnover": "500.00",
        "turnoverByMonth": [
            {"month": "2026-03-01T00:00:00Z", "turnover": "500.00"},
            {"month": "2026-04-01T00:00:00Z", "turnover": "0.00"},
        ],
        "topTenTurnoverShare": None,
        "velocity": 5.9877,
        "creditInUse": "500.00",
        "creditAllowed": "1000.00",
        "atMaxNegativeBalance": 5,
        "atMaxPositiveBalance": 5,
        "topTenBalanceShare": None,
        "balanceGini": 0.0,
        "newMembers": 10,
        "newMembersTraded": 10,
        "timeToFirstTrade": waited,
        "timeToDecision": {"median": 7200, "p90": 7200},
    }


@pytest.mark.parametrize("months", [1, 24])
async def test_all_figures_cost_a_small_constant(
    graphql: GraphQLClient,
    database: Database,
    counting: AbstractContextManager[list[str]],
    months: int,
) -> None:
    admin = await make_admin(database, AdminRole.AUDITOR)
    begin = datetime(2024, 9, 1, tzinfo=UTC)
    end = begin + timedelta(days=months * 30)

    with counting as statements:
        asked: dict[str, Any] = {"from": begin.isoformat(), "to": end.isoformat()}
        await graphql(STATISTICS, by=admin, **asked)

    assert len(statements) == STATEMENTS, statements


async def test_period_that_is_not_over_is_refused(
    graphql: GraphQLClient, database: Database
) -> None:
    admin = await make_admin(database, AdminRole.OWNER)
    future = datetime.now(UTC) + HOUR

    asked: dict[str, Any] = IN_SPRING | {"to": future.isoformat()}
    answer = await graphql.send(STATISTICS, by=admin, **asked)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert error["message"] == "to: Only what has passed can be measured."


async def test_document_that_asks_often_is_answered_one_after_the_other(
    graphql: GraphQLClient, database: Database, settings: Settings
) -> None:
    admin = await make_admin(database, AdminRole.AUDITOR)
    arguments = f'from: "{IN_SPRING["from"]}", to: "{IN_SPRING["to"]}"'
    fields = (
        f"f{number}: communityStatistics({arguments}) {{ turnover }}"
        for number in range(settings.database_pool + 1)
    )

    data = await graphql(f"{{ {' '.join(fields)} }}", by=admin)

    assert len(data) == settings.database_pool + 1
