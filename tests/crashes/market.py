"""Members who trade with servers that die, and say again what got no answer."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx

from tests.clients import GraphQLClient
from tests.crashes.processes import PATIENCE_SECONDS, Fleet
from tests.factories import Member
from tests.trading import Trading

AT_ONCE = 10
SLOWNESS_SECONDS = 120
"""So much longer a slow machine may take until everything has happened at least once."""
Stage = tuple[str, str | None]
"""How far a transfer is, and who ended it."""
NEW: Stage = ("INITIATED", None)
TO_HAPPEN = {NEW, ("COMPLETED", None), ("CANCELLED", "INITIATOR"), ("CANCELLED", "RECEIVER")}
LEFT_OPEN = 0.4
"""Of the proposals: nobody decides them."""
TOO_MUCH = 0.1
"""Of the proposals: they ask for more than any limit allows."""
THINKING = (0.0, 1.5)
"""Before a decision, in seconds: from, to. Some mails about a proposal come too late."""
PAUSES = (0.0, 0.6)
"""Between two deals of one customer, in seconds: from, to."""


class AnyServer(httpx.AsyncHTTPTransport):
    """Takes a request to one of the servers; if that dies meanwhile, the same to another one."""

    def __init__(self, fleet: Fleet, chance: random.Random) -> None:
        super().__init__()
        self._fleet, self._chance = fleet, chance
        self.unanswered = 0
        """Requests whose server died, so that nobody knew whether it had done what they ask."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole answer: a server may die in the middle of it."""
        while True:
            request.url = await self._fleet.server(self._chance)
            try:
                response = await super().handle_async_request(request)
                await response.aread()
            except httpx.ConnectError:
                await asyncio.sleep(0.1)
            except httpx.TransportError:
                self.unanswered += 1
            else:
                return response


class Market:
    """The deals of all members, and what they were told of each."""

    def __init__(self, fleet: Fleet, members: list[Member], chance: random.Random) -> None:
        self._members, self._chance = members, chance
        self._servers = AnyServer(fleet, chance)
        self._codes: Counter[str | None] = Counter()
        self.stages: dict[str, Stage] = {}
        """By the id of each transfer that an answer told of, how far it was, and who ended it."""

    @property
    def unanswered(self) -> int:
        """How many commands were said again, as nobody had answered."""
        return self._servers.unanswered

    @property
    def has_met_everything(self) -> bool:
        """Whether each stage was gone through, something was refused, and an answer was lost."""
        refused = self._codes["CREDIT_LIMIT_EXCEEDED"]
        stages = set(self.stages.values())
        return bool(refused and self.unanswered) and stages >= TO_HAPPEN

    async def trade(self, *, seconds: float) -> None:
        """Begin deals for so long, and bring each to its end."""
        begun = time.monotonic()
        end, last = begun + seconds, begun + seconds + SLOWNESS_SECONDS

        def is_open() -> bool:
            now = time.monotonic()
            return now < end or (now < last and not self.has_met_everything)

        async with httpx.AsyncClient(
            transport=self._servers, base_url="http://mccs.example", timeout=PATIENCE_SECONDS
        ) as http:
            trading = Trading(GraphQLClient(http))
            await asyncio.gather(*(self._deal_while(is_open, trading) for _ in range(AT_ONCE)))

    async def _deal_while(self, is_open: Callable[[], bool], trading: Trading) -> None:
        while is_open():
            await self._deal(trading)
            await asyncio.sleep(self._chance.uniform(*PAUSES))

    async def _deal(self, trading: Trading) -> None:
        initiator, receiver = self._chance.sample(self._members, 2)
        amount = 900 if self._chance.random() < TOO_MUCH else self._chance.randint(1, 9)
        direction = self._chance.choice(["OUT", "IN"])
        id_ = self._hear(
            await trading.propose(initiator, receiver, f"{amount}.00", direction=direction)
        )
        if id_ is None or self._chance.random() < LEFT_OPEN:
            return
        await asyncio.sleep(self._chance.uniform(*THINKING))
        decisions = [
            (trading.accept, receiver),
            (trading.accept, receiver),
            (trading.reject, receiver),
            (trading.cancel, initiator),
        ]
        chosen = self._chance.sample(decisions, self._chance.choice([1, 1, 2]))
        for result in await asyncio.gather(*(decide(by, id_) for decide, by in chosen)):
            self._hear(result)

    def _hear(self, result: dict[str, Any]) -> str | None:
        """The transfer, if the answer has one; some refusals tell of the one they led to."""
        self._codes[result.get("code")] += 1
        transfer = result.get("transfer")
        if transfer is None:
            return None
        id_: str = transfer["id"]
        if self.stages.get(id_, NEW) == NEW:  # of two answers the later may be the older
            self.stages[id_] = (transfer["state"], transfer["cancelledBy"])
        return id_
