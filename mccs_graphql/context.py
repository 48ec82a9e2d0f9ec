"""What a resolver may reach for."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.adapters.buckets import Buckets
from mccs_graphql.adapters.housekeeping import Housekeeping
from mccs_graphql.adapters.metrics import Metrics
from mccs_graphql.adapters.tracing import Tracing
from mccs_graphql.adapters.wake_ups import WakeUps
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import ActorKind
from mccs_graphql.domain import events
from mccs_graphql.domain.audit.trail import VISITOR, Actor, Deed, audited, refused
from mccs_graphql.domain.errors import Unauthenticated
from mccs_graphql.domain.identity import api_tokens, sessions
from mccs_graphql.domain.identity.access_tokens import AccessTokens
from mccs_graphql.domain.identity.api_token_text import claims_to_be_one
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.identity.sign_up import Terms
from mccs_graphql.domain.identity.throttle import Throttle
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger.statement_links import StatementLink, StatementLinks
from mccs_graphql.domain.rates import (
    LEAST,
    Bucket,
    Charge,
    Draw,
    Outcome,
    Rates,
    charge_of,
    widest,
)
from mccs_graphql.loaders import Loaders
from mccs_graphql.settings import Settings


@dataclass(frozen=True)
class Services:
    """What lives as long as the process."""

    settings: Settings
    database: Database
    passwords: Passwords
    tokens: AccessTokens
    statement_links: StatementLinks
    seal: Seal
    wake_ups: WakeUps
    housekeeping: Housekeeping
    terms: Terms
    rates: Rates
    buckets: Buckets
    throttle: Throttle
    metrics: Metrics
    tracing: Tracing
    measuring: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Figures of the whole community are measured one after the other: each holds a connection
    for as long as it takes."""


@dataclass
class Caller:
    """One HTTP request, or one WebSocket with all its operations, before anybody is looked up."""

    services: Services
    token: str | None
    origin: sessions.Origin
    charge: Charge | None = None
    """What the latest operation was charged; a request over HTTP has only one."""
    reference: str = ""
    """Of the latest operation."""
    connection_params: dict[str, object] | None = None

    async def enter(self, *, reference: str, whoever: bool = False) -> "Context":
        """A context for one operation, for whoever the token belongs to at this moment.

        ``reference`` is what the operation is found by in the log and in the audit trail. Raises
        Unauthenticated for a token that is no good, unless it may be ``whoever``.
        """
        try:
            return Context(self, await self._find_viewer(), reference)
        except Unauthenticated:
            if not whoever:
                raise
            return Context(self, None, reference)

    async def follow(self, link: StatementLink, *, reference: str) -> "Context":
        """A context for whoever has made the link, as long as they are known by the same.

        Raises Unauthenticated once the session has ended, or the API token is no good.
        """
        if link.session_id is not None:
            return Context(self, await self.look_up(link.session_id), reference)
        async with self.services.database.reading() as session:
            viewer = await api_tokens.authenticate_again(session, link.token_id)
        return Context(self, viewer, reference)

    async def _find_viewer(self) -> Viewer | None:
        if self.token is None:
            return None
        if claims_to_be_one(self.token):
            return await self._find_agent(self.token)
        return await self.look_up(await self.services.tokens.session_id(self.token))

    async def _find_agent(self, token: str) -> Viewer:
        """Whom an API token acts for. That it is in use is kept, once in a while."""
        viewer = await self.look_up_agent(api_tokens.read(token))
        if viewer.token and api_tokens.is_use_to_be_noted(viewer.token):
            async with self.services.database.writing() as session:
                await api_tokens.note_use(session, viewer.token, address=self.origin.address)
        return viewer

    async def look_up(self, session_id: UUID) -> Viewer:
        """Whose session it is at this moment. Raises Unauthenticated if it has ended."""
        needed = self.services.settings.admin_second_factor
        async with self.services.database.reading() as session:
            return await sessions.authenticate(
                session, session_id, admins_need_second_factor=needed
            )

    async def look_up_agent(self, token_hash: bytes) -> Viewer:
        """Whom an API token acts for at this moment. Raises Unauthenticated if it is no good."""
        async with self.services.database.reading() as session:
            return await api_tokens.authenticate(session, token_hash)

    async def pay(self, cost: int, *, by: "Context | None") -> Charge:
        """Take the points of one operation, all at once; the charge says whether they sufficed.

        Who was not looked up, or has a token that is no good, is a visitor.
        """
        self.charge = await self._take(Draw(self._buckets(by), cost))
        return self.charge

    async def rehearse(self, cost: int, *, by: "Context") -> Charge:
        """What an operation would take. Nothing is taken of what the caller has.

        The bucket of the whole address pays for the measuring, or a flood of it would be free.
        """
        buckets = self._buckets(by)
        told, asked = await asyncio.gather(
            self._take(Draw(buckets, 0)), self._take(Draw(widest(buckets), LEAST))
        )
        self.charge = replace(told, cost=cost, retry_seconds=asked.retry_seconds)
        return self.charge

    def _buckets(self, by: "Context | None") -> tuple[Bucket, ...]:
        viewer = by.viewer if by else None
        return self.services.rates.buckets(
            user_id=viewer.id if viewer else None,
            session_id=viewer.session_id if viewer else None,
            token_id=viewer.token_id if viewer else None,
            address=self.origin.address or None,
        )

    async def _take(self, draw: Draw) -> Charge:
        if not draw.buckets:
            return charge_of(draw, Outcome(0, ()))
        return charge_of(draw, await self.services.buckets.take(draw))


class Context:
    """What lives as long as one operation."""

    def __init__(self, caller: Caller, viewer: Viewer | None, reference: str) -> None:
        self.services = caller.services
        self.database = caller.services.database
        self.loaders = Loaders(self.database, viewer)
        self.charge: Charge | None = None
        self.action = ""
        """The mutation that is being carried out."""
        self.refusal = ""
        """The code of the last refusal that was answered as data."""
        self.reference = reference
        self._caller = caller
        self._viewer = viewer

    async def look_again(self) -> None:
        """See whether the session still lasts, and for what it is good. Raises Unauthenticated.

        Its access token was looked at when the operation began; a subscription may outlive that.
        An API token is its own session.
        """
        viewer = self.require_viewer()
        if viewer.token:
            self.become(await self._caller.look_up_agent(viewer.token.token_hash))
        else:
            await self.go_on(viewer.require_session())

    async def go_on(self, session_id: UUID) -> Viewer:
        """Go on in this session: what follows in the document is done by its user."""
        viewer = await self._caller.look_up(session_id)
        self.become(viewer)
        return viewer

    def renew(self, token: str) -> None:
        """What follows on the same socket is known by this access token."""
        self._caller.token = token

    async def record_refusal(self, code: str, subjects: Iterable[UUID]) -> None:
        """Leave a trace of what was tried, and not done."""
        async with self.database.writing() as session:
            await refused(session, self._deed(), code=code, subjects=subjects)

    def _deed(self) -> Deed:
        return Deed(
            action=self.action,
            actor=_actor(self._viewer),
            address=self.origin.address,
            reference=self.reference,
        )

    @property
    def origin(self) -> sessions.Origin:
        """Where the request, or the socket, comes from."""
        return self._caller.origin

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
        """One unit of work, with its entry in the audit trail.

        Once it has committed, those who wait for what it did are woken.
        """
        async with audited(self.database, self._deed()) as session:
            yield session
        self.services.wake_ups.publish(events.wake_ups(session))
        self.services.housekeeping.heed(session)


def _actor(viewer: Viewer | None) -> Actor:
    """Who asks, as the audit trail names them."""
    if viewer is None:
        return VISITOR
    if viewer.token_id is not None:
        return Actor(ActorKind.TOKEN, viewer.id, viewer.token_id)
    return Actor(ActorKind.ADMIN if viewer.admin_role else ActorKind.USER, viewer.id)
