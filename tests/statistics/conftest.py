"""A ledger for each test."""

import pytest

from mccs_graphql.db.engine import Database
from tests.statistics.ledger import Ledger, open_ledger


@pytest.fixture
async def ledger(empty_database: Database) -> Ledger:
    """The books of a community without members."""
    return await open_ledger(empty_database)
