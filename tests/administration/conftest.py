"""An admin with a desk."""

from uuid import uuid4

import pytest

from mccs_graphql.db.engine import Database
from tests.administration.desk import Desk
from tests.clients import GraphQLClient


@pytest.fixture
async def desk(graphql: GraphQLClient, database: Database) -> Desk:
    return await Desk.of(graphql, database)


@pytest.fixture
def word() -> str:
    """A word that nobody else uses."""
    return "q" + uuid4().hex[:12]
