"""What Prometheus is told: how often, how long, and how things stand at this moment."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

log = logging.getLogger(__name__)

SECONDS = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)
"""Up to the 15 seconds after which an operation is given up unless the settings say otherwise."""


@dataclass(frozen=True)
class Gauge:
    """What a number says, and what tells several of its kind apart."""

    meaning: str
    labels: tuple[str, ...] = ()


GAUGES = {
    "mccs_sockets": Gauge("Open WebSockets of this process."),
    "mccs_subscriptions": Gauge("Subscriptions that this process carries out."),
    "mccs_database_pool": Gauge(
        "Connections to PostgreSQL: in use, or open and idle.", ("engine", "state")
    ),
    "mccs_database_pool_size": Gauge("How many connections a pool may have.", ("engine",)),
    "mccs_redis_up": Gauge("1 while this process hears wake-ups from Redis."),
    "mccs_redis_lag_seconds": Gauge("From publishing a wake-up to its arrival; absent without."),
    "mccs_database_up": Gauge("1 if what the queues hold could be read just now."),
    "mccs_mails": Gauge(
        "Mails of the outbox that are queued, sending or failed; 10000 stands for more.", ("state",)
    ),
    "mccs_oldest_mail_seconds": Gauge("For how long the mail that waits longest has been due."),
    "mccs_audit_unsealed": Gauge("Audit entries without a seal; 10000 stands for more."),
    "mccs_audit_unsealed_seconds": Gauge("Age of the oldest of them."),
    "mccs_new_listings": Gauge("Listings whose matches are to be told; 10000 stands for more."),
    "mccs_new_listings_seconds": Gauge("For how long the one that waits longest has been due."),
    "mccs_books_ok": Gauge("1 if the last proof of books and audit trail held; of a worker only."),
    "mccs_books_checked_timestamp_seconds": Gauge("When that was, in Unix time."),
}

Reading = tuple[str, tuple[str, ...], float]
"""The name of a gauge, the values of its labels, and the number."""
Source = Callable[[], Iterable[Reading]]
"""Reads some gauges; one that cannot be read now is left out."""


class Metrics:
    """Those of one application; several in one process count for themselves."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._operations = Counter(
            "mccs_operations",
            "GraphQL operations, by root field and by what came of them.",
            ("operation", "type", "outcome"),
            registry=self.registry,
        )
        self._counted: dict[tuple[str, str, str], Counter] = {}
        seconds = Histogram(
            "mccs_operation_seconds",
            "How long queries and mutations took.",
            ("type",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._seconds = {kind: seconds.labels(kind) for kind in ("query", "mutation")}
        self._gauges = _Gauges()
        self.registry.register(self._gauges)

    def count(self, title: str, kind: str, *, outcome: str, seconds: float) -> None:
        """One operation has ended. ``title`` and ``kind`` are never a client's own words."""
        key = title, kind, outcome
        if key not in self._counted:  # looking a label up takes longer than counting
            self._counted[key] = self._operations.labels(*key)
        self._counted[key].inc()
        if kind in self._seconds:
            self._seconds[kind].observe(seconds)

    def watch(self, source: Source) -> None:
        """Read these gauges, too, whenever somebody asks."""
        self._gauges.sources.append(source)


class _Gauges(Collector):
    def __init__(self) -> None:
        self.sources: list[Source] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """Everything that can be read: what cannot is missing, and no reason to say nothing."""
        families: dict[str, GaugeMetricFamily] = {}
        for name, labels, value in self._readings():
            gauge = GAUGES[name]
            if name not in families:
                families[name] = GaugeMetricFamily(name, gauge.meaning, labels=gauge.labels)
            families[name].add_metric(labels, value)
        return families.values()

    def _readings(self) -> Iterator[Reading]:
        for source in self.sources:
            try:
                yield from list(source())
            except Exception:
                log.exception("Some metrics cannot be read")
