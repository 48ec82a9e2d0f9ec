"""What several tests of the adapters need."""

from collections.abc import AsyncIterator

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.post_office import PostOffice, post_office
from tests.sending import Sender


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """A server that takes mails."""
    async with post_office() as opened:
        yield opened


@pytest.fixture
def sender(empty_settings: Settings, empty_database: Database, office: PostOffice) -> Sender:
    """Sends what is in an empty database's outbox."""
    return Sender(empty_settings, empty_database, office)
