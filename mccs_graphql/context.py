"""What a resolver may reach for."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.wake_ups import WakeUps
from mccs_graphql.db.engine import Database
from mccs_graphql.domain import events
from mccs_graphql.domain.errors import Unauthenticated
from mccs_graphql.domain.identity import sessions
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.identity.sign_up import Terms
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.loaders import Loaders
from mccs_graphql.settings import Settings


@dataclass(frozen=True)
class Services:
    """What lives as long as the process."""

    settings: Settings
    database: Database
    passwords: Passwords
    wake_ups: WakeUps
    housekeeping: Housekeeping
    terms: Terms


@dataclass
class Caller:
    """One HTTP request, or one WebSocket with all its operations, before anybody is looked up."""

    services: Services
    token: str | None
    address: str | None
    connection_params: dict[str, object] | None = None

    async def enter(self) -> "Context":
        """A context for one operation, for whoever the token belongs to at this moment."""
        return Context(self, await self.find_viewer())

    async def find_viewer(self) -> Viewer | None:
        """Who the token belongs to at this moment."""
        if self.token is None:
            return None
        async with self.services.database.reading() as session:
            return await sessions.authenticate(session, self.token)


class Context:
    """What lives as long as one operation."""

    def __init__(self, caller: Caller, viewer: Viewer | None) -> None:
        self.services = caller.services
        self.database = caller.services.database
        self.loaders = Loaders(self.database, viewer)
        self._caller = caller
        self._viewer = viewer

    async def look_again(self) -> None:
        """See whether the token is still good, and for what: subscriptions outlive that."""
        self.become(await self._caller.find_viewer())

    @property
    def viewer(self) -> Viewer | None:
        """Who asks, or None for a visitor."""
        return self._viewer

    def require_viewer(self) -> Viewer:
        """Who asks. Raises Unauthenticated."""
        if self._viewer is None:
            raise Unauthenticated
        return self._viewer

    def become(self, viewer: Viewer | None) -> None:
        """Go on as somebody else: logging in and out takes effect within its own document."""
        self._viewer = viewer
        self.loaders = Loaders(self.database, viewer)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """One unit of work. Once it has committed, those who wait for what it did are woken."""
        async with self.database.writing() as session:
            yield session
        self.services.wake_ups.publish(events.wake_ups(session))
        self.services.housekeeping.heed(session)
