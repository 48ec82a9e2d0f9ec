"""One operation, as the metrics and the log tell of it when it has ended."""

import logging
import time
from collections.abc import Iterable
from enum import StrEnum

from graphql import GraphQLError

from mccs_graphql.adapters.log_lines import tell
from mccs_graphql.context import Context, Services
from mccs_graphql.domain.rates import Charge
from mccs_graphql.endpoint.titles import UNREADABLE

log = logging.getLogger(__name__)

OUR_FAULT = frozenset(("INTERNAL_SERVER_ERROR", "UNAVAILABLE", "TIMEOUT"))


class Outcome(StrEnum):
    """What came of an operation."""

    OK = "ok"
    REFUSED = "refused"
    LIMITED = "limited"
    ERROR = "error"


class Sighting:
    """Sees an operation from its beginning to its end, a subscription too."""

    def __init__(self, services: Services, reference: str) -> None:
        self._metrics = services.metrics
        self._span = services.tracing.begin(reference)
        self._began = time.perf_counter()
        self._code = ""
        self.title = UNREADABLE
        self.context: Context | None = None
        self.refused = False

    def see(self, errors: Iterable[GraphQLError]) -> None:
        """Errors as the client gets them; the first one that is our fault says most."""
        codes = [str((error.extensions or {}).get("code", "")) for error in errors]
        ours = [code for code in codes if code in OUR_FAULT]
        if self._code not in OUR_FAULT:
            self._code = (ours or codes)[0]

    def tell(self, charge: Charge | None) -> None:
        """It has ended. Of a query that went well only the metrics need to know: a line costs more
        than the smallest one.
        """
        seconds = time.perf_counter() - self._began
        outcome, title = self._outcome(charge), self.title
        code = self._code or (self.context.refusal if self.context else "")
        self._span.end(f"{title.kind} {title.short}", outcome=outcome, code=code)
        self._metrics.count(title.short, title.kind, outcome=outcome, seconds=seconds)
        level = logging.DEBUG if outcome is Outcome.OK and title.is_query else logging.INFO
        if log.isEnabledFor(level):
            self._log(level, outcome, code, seconds)

    def _log(self, level: int, outcome: Outcome, code: str, seconds: float) -> None:
        title = self.title
        facts: dict[str, object] = {
            "type": title.kind,
            "operation": title.fields,
            "outcome": outcome.value,
            "milliseconds": round(seconds * 1000, 1),
        }
        if code:
            facts["code"] = code
        if viewer := self.context.viewer if self.context else None:
            facts["user"] = str(viewer.id)
        tell(log, level, f"{title.kind} {title.short}: {outcome}", facts)

    def _outcome(self, charge: Charge | None) -> Outcome:
        if charge and charge.retry_seconds:
            return Outcome.LIMITED
        if self._code in OUR_FAULT:
            return Outcome.ERROR
        is_refused = self.refused or self._code or (self.context and self.context.refusal)
        return Outcome.REFUSED if is_refused else Outcome.OK
