"""Traces, if the settings ask for them: what carries them out is imported only then."""

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from mccs_graphql.settings import Settings


class ExtraMissing(Exception):
    """The settings ask for what is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "MCCS_OTEL_ENDPOINT needs OpenTelemetry, which comes with an extra: "
            'pip install "mccs-graphql[otel]".'
        )


class Span(Protocol):
    """One operation in a trace."""

    def end(self, name: str, *, outcome: str, code: str) -> None:
        """It has ended; ``name`` is never a client's own words."""


class Tracing(Protocol):
    """What makes spans."""

    def begin(self, reference: str) -> Span:
        """An operation begins; what this task does from now on is a part of it."""

    def close(self) -> None:
        """Send off what is left; waits for the network."""


class NoTracing:
    """Says nothing to nobody."""

    def begin(self, reference: str) -> Span:
        """Something that need not be told."""
        return self

    def end(self, name: str, *, outcome: str, code: str) -> None:
        """Nobody wants to know."""

    def close(self) -> None:
        """There is nothing left."""


def tracing_of(settings: Settings, engines: Mapping[str, AsyncEngine]) -> Tracing:
    """What the settings ask for, for these engines. Raises ExtraMissing."""
    if not settings.otel_endpoint:
        return NoTracing()
    try:
        traces = import_module("mccs_graphql.adapters.traces")
    except ModuleNotFoundError as missing:
        raise ExtraMissing from missing
    found: Tracing = traces.Traces(settings, engines)
    return found
