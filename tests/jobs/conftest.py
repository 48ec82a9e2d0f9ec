"""What the tests of jobs need."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.settings import Settings
from tests.jobs.town import MovedClock, Town
from tests.post_office import PostOffice, post_office
from tests.sending import Sender


@pytest.fixture
async def town(empty_settings: Settings, empty_database: Database) -> AsyncIterator[Town]:
    """A community of its own; its clock begins at the real time."""
    made = Town(empty_settings, empty_database, MovedClock(datetime.now(UTC)))
    yield made
    await made.close()


@pytest.fixture
async def office() -> AsyncIterator[PostOffice]:
    """A server that takes mails."""
    async with post_office() as opened:
        yield opened


@pytest.fixture
def sender(town: Town, office: PostOffice) -> Sender:
    """Sends what is in the town's outbox, in real time."""
    return Sender(town.settings, town.database, office)
