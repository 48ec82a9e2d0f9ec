"""Sends the calls that are drawn, judges every answer, and keeps what came of each."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson

from tests.fuzzing.known import Choice, damaged, spread
from tests.fuzzing.mutations import FOR_ADMINS, MUTATIONS, is_success
from tests.fuzzing.requests import Ready, body_of
from tests.fuzzing.senders import Sender
from tests.fuzzing.town import Town
from tests.fuzzing.values import Call, Spelling
from tests.fuzzing.verdicts import faults, results

TOGETHER = 8
"""Calls of one document; those with damage go alone, as it ends the whole document."""
CATCH_UP_EVERY, CHECK_EVERY = 4, 8
"""Rounds: a hundred calls, and two hundred."""
FAULTS_MAX = 20
LEAST_SHARE = 0.5
"""Of the examples that each mutation would have if chance were even."""
ENOUGH = 400
"""Examples of a mutation by which one must have been carried out, unless none ever is."""
REFUSED = "(top-level error)"


@dataclass
class Fuzzing:
    """A run. An example is one call that was judged; who repeats it has to know the ``seed``."""

    town: Town
    outcomes: dict[str, Counter[str]] = field(
        default_factory=lambda: {mutation: Counter() for mutation in MUTATIONS}
    )
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    _places: Iterator[int] = field(default_factory=count)
    rounds: int = 0

    @property
    def examples(self) -> int:
        """Calls that have been judged."""
        return sum(outcomes.total() for outcomes in self.outcomes.values())

    async def add(self, calls: Sequence[Call]) -> None:
        """Send calls, each at once or together with others of its sender."""
        if self.rounds % CATCH_UP_EVERY == 0:
            await self.town.catch_up()
        for call in calls:
            await self._add(call)
        self.rounds += 1
        if self.rounds % CHECK_EVERY == 0:
            await self.check()
            await self.town.put_right()

    async def _add(self, call: Call) -> None:
        sender = self.town.sender(spread(call.turn, next(self._places)))
        if (call.damage and call.values) or call.spelling is Spelling.ALONE:
            await self._send(sender, [await self._ready(call, sender)])
        else:
            sender.waiting.append(call)
        if len(sender.waiting) >= TOGETHER:
            await self._send_waiting(sender)

    async def finish(self) -> None:
        """Send what still waits."""
        for sender in self.town.senders.values():
            await self._send_waiting(sender)
        await self.check()

    async def check(self) -> None:
        """Look at the books, the logs and the server."""
        self.faults += [
            f"after {self.examples} examples: {wrong}" for wrong in await self.town.wrongs()
        ]

    async def _ready(self, call: Call, sender: Sender) -> Ready:
        """The call with what is known at this moment: codes do not last, nor do others' changes."""
        if "code" in call.values.get("input", ()):
            await self.town.look_at_app(sender)
        values = Choice(self.town.known, sender.own, self._places).put_into(call.values)
        is_damaged = call.damage is not None and bool(values)
        if call.damage and values:
            values = damaged(values, call.damage)
        return Ready(call.mutation, values, call.spelling, is_damaged)

    async def _send_waiting(self, sender: Sender) -> None:
        """Send all that waits; what an error kept from being carried out goes once more."""
        while sender.waiting:
            calls = [sender.waiting.popleft() for _ in range(min(TOGETHER, len(sender.waiting)))]
            calls.sort(key=lambda call: not call.values)  # what takes no input ends sessions
            carried_out = await self._send(
                sender, [await self._ready(call, sender) for call in calls]
            )
            left = [call for number, call in enumerate(calls) if number not in carried_out]
            sender.waiting.extendleft(reversed(left))

    async def _send(self, sender: Sender, calls: Sequence[Ready]) -> set[int]:
        """Send one document; which of its calls have been judged."""
        headers = {"Content-Type": "application/json"}
        if sender.token:
            headers["Authorization"] = f"Bearer {sender.token}"
        body = body_of(calls)
        response = await self.town.graphql.http.post("/graphql", content=body, headers=headers)
        self.statuses[response.status_code] += 1
        found = faults(
            calls,
            status=response.status_code,
            body=response.content,
            secrets=self.town.secrets,
        )
        self.faults += [f"{fault}\n  asked: {body!r}\n  got: {response.text}" for fault in found]
        assert len(self.faults) < FAULTS_MAX, self.told()
        if sender.user_id and (b"UNAUTHENTICATED" in response.content or not calls[-1].values):
            await self.town.log_in(sender)
        return self._learn(calls, response.content, sender)

    def _learn(self, calls: Sequence[Ready], body: bytes, sender: Sender) -> set[int]:
        answer: dict[str, Any] = orjson.loads(body)
        data = answer.get("data") or {}
        self.town.known.learn(data)
        sender.own.learn_own(data)
        carried_out = results(calls, answer)
        for number, type_name in carried_out.items():
            self.outcomes[calls[number].mutation][type_name or REFUSED] += 1
        return set(carried_out)

    def told(self) -> str:
        """Every fault, for whoever reads a run that failed."""
        return "\n\n".join([f"{len(self.faults)} faults:", *self.faults])

    def neglected(self) -> Iterator[str]:
        """Why the run proves little: mutations that hardly came, or never were carried out."""
        least = LEAST_SHARE * self.examples / len(MUTATIONS)
        for mutation, outcomes in self.outcomes.items():
            if outcomes.total() < least:
                yield f"{mutation} has only {outcomes.total()} of {least:.0f} examples"
            if mutation not in FOR_ADMINS and _is_never_carried_out(outcomes):
                yield f"{mutation} was never carried out, see senders.py: {outcomes}"

    def out_of_reach(self) -> Iterator[str]:
        """Mutations for admins that never were carried out: worth a look, but no failure."""
        for mutation in FOR_ADMINS:
            if _is_never_carried_out(self.outcomes[mutation]):
                yield f"{mutation} was never carried out: {self.outcomes[mutation]}"

    def report(self) -> str:
        """How many examples each mutation had, how many went well, and what else they came to."""
        requests, statuses = self.statuses.total(), dict(sorted(self.statuses.items()))
        lines = [f"{self.examples} examples, {requests} requests, statuses {statuses}"]
        for mutation, outcomes in sorted(self.outcomes.items()):
            refusals = ", ".join(
                f"{name} {count}" for name, count in outcomes.most_common() if not _went_well(name)
            )
            count = outcomes.total()
            lines.append(
                f"{mutation:26}{count:6} examples {successes(outcomes):6} well; {refusals}"
            )
        return "\n".join([*lines, *self.out_of_reach()])


def successes(outcomes: Counter[str]) -> int:
    """How many were carried out as they were meant."""
    return sum(count for name, count in outcomes.items() if _went_well(name))


def _is_never_carried_out(outcomes: Counter[str]) -> bool:
    return outcomes.total() >= ENOUGH and not successes(outcomes)


def _went_well(name: str) -> bool:
    return name != REFUSED and is_success(name)
