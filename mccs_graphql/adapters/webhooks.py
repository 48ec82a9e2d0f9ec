"""Webhooks are called: several at once, none of which holds up the others."""

import asyncio
import logging
import ssl
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property

from mccs_graphql.adapters import posting
from mccs_graphql.adapters.resolving import LookUp, NotPublic, addresses_of, look_up
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import WebhookFault
from mccs_graphql.db.queries.webhooks import Busy
from mccs_graphql.domain.identity.sealing import Seal, WrongSecret
from mccs_graphql.domain.webhooks import deliveries, signing
from mccs_graphql.domain.webhooks.deliveries import Errand, Outcome
from mccs_graphql.domain.webhooks.messages import format_of
from mccs_graphql.domain.webhooks.targets import read_url
from mccs_graphql.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE = 8
AT_ONCE_PER_HOST = 2
AT_ONCE_PER_ENTITY = 2
AT_ONCE_FAILING = 4
"""Of those that failed the last time: the other half stays free for those that work."""
CALL_SECONDS = 10.0
"""From asking for the address to the head of the answer."""
STOP_SECONDS = 5.0
AGENT = "mccs-graphql-webhooks"

_SUCCESS, _REDIRECTION = 2, 3
"""The hundreds of a status."""
_FAULTS: dict[type[Exception], WebhookFault] = {
    NotPublic: WebhookFault.ADDRESS,
    posting.Unreachable: WebhookFault.UNREACHABLE,
    posting.TlsFailed: WebhookFault.TLS,
    TimeoutError: WebhookFault.TIMEOUT,
    posting.NotHttp: WebhookFault.NOT_HTTP,
    WrongSecret: WebhookFault.SECRET,
}


class Webhooks:
    """Makes the calls that are due, and keeps no transaction open meanwhile.

    ``again`` is called whenever one has ended: there is room for another.
    """

    def __init__(
        self,
        settings: Settings,
        database: Database,
        *,
        again: Callable[[], None],
        look_up: LookUp = look_up,
    ) -> None:
        self._database = database
        self._again = again
        self._look_up = look_up
        self._private = settings.webhook_private
        self._seal = Seal(settings.secret.get_secret_value())
        self._amount = format_of(settings.unit_scale)
        self._under_way: dict[asyncio.Task[None], Errand] = {}

    async def begin_due(self) -> bool:
        """Begin as many calls as there is room for; whether any began."""
        began = False
        while len(self._under_way) < AT_ONCE and (errand := await self._take()):
            task = asyncio.create_task(self._carry_out(errand))
            self._under_way[task] = errand
            task.add_done_callback(self._ended)
            began = True
        return began

    async def finish(self, *, seconds: float | None = None) -> None:
        """Wait for what is under way; what takes longer is given up, and made again later."""
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=seconds)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._under_way[task]
        self._again()

    async def _take(self) -> Errand | None:
        """Nothing is written as long as nothing is due."""
        busy = _busy([*self._under_way.values()])
        async with self._database.reading() as session:
            if not await deliveries.any_to_make(session, busy):
                return None
        async with self._database.writing() as session:
            return await deliveries.take(session, busy, self._amount)

    async def _carry_out(self, errand: Errand) -> None:
        try:
            outcome = await self._call(errand)
            async with self._database.writing() as session:
                kept = await deliveries.keep(session, errand, outcome)
            if not kept:
                log.info("The webhook %s was changed while it was called", errand.webhook.id)
        except Exception:
            log.exception("What came of calling the webhook %s is lost", errand.webhook.id)

    async def _call(self, errand: Errand) -> Outcome:
        begun, status, fault = time.monotonic(), None, None
        try:
            async with asyncio.timeout(CALL_SECONDS):
                status = await self._post(errand)
                fault = _fault_of(status)
        except tuple(_FAULTS) as error:
            fault = _FAULTS[type(error)]
        except Exception:
            log.exception("The webhook %s could not be called", errand.webhook.id)
            fault = WebhookFault.INTERNAL
        return Outcome(fault, status, milliseconds=round((time.monotonic() - begun) * 1000))

    async def _post(self, errand: Errand) -> int:
        target = read_url(errand.webhook.url)
        headers = self._headers(errand)
        addresses = await addresses_of(target, private=self._private, look_up=self._look_up)
        return await posting.post(
            target, addresses, trust=self._trust, headers=headers, body=errand.message.body
        )

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """The certificates that the system trusts."""
        return ssl.create_default_context()

    def _headers(self, errand: Errand) -> dict[str, str]:
        message, now = errand.message, datetime.now(UTC)
        timestamp, body = int(now.timestamp()), message.body
        return {
            "Content-Type": "application/json",
            "User-Agent": AGENT,
            "webhook-id": message.id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": " ".join(
                signing.signature(secret, message_id=message.id, timestamp=timestamp, body=body)
                for secret in signing.secrets_of(errand.webhook, self._seal, at=now)
            ),
        }


def _busy(errands: list[Errand]) -> Busy:
    hosts = Counter(errand.webhook.host for errand in errands)
    entities = Counter(errand.webhook.entity_id for errand in errands)
    failing = sum(errand.webhook.failures > 0 for errand in errands)
    return Busy(
        hosts=frozenset(host for host, n in hosts.items() if n >= AT_ONCE_PER_HOST),
        entity_ids=frozenset(id_ for id_, n in entities.items() if n >= AT_ONCE_PER_ENTITY),
        failing=failing >= AT_ONCE_FAILING,
    )


def _fault_of(status: int) -> WebhookFault | None:
    if status // 100 == _SUCCESS:
        return None
    return WebhookFault.REDIRECT if status // 100 == _REDIRECTION else WebhookFault.STATUS
