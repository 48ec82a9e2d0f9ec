"""Traces, with the exporter that OpenTelemetry has for tests."""

import sys
from collections.abc import AsyncIterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from starlette.applications import Starlette

from mccs_graphql.adapters.traces import Traces
from mccs_graphql.adapters.tracing import ExtraMissing, NoTracing, tracing_of
from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeMember
from tests.trading import Trading


class Traced:
    """An application, and the spans that it has sent."""

    def __init__(self, app: Starlette, exporter: InMemorySpanExporter) -> None:
        self.app, self._exporter = app, exporter

    def spans(self) -> Sequence[ReadableSpan]:
        self.app.state.services.tracing.close()
        return self._exporter.get_finished_spans()


@pytest.fixture
async def traced(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Traced]:
    """With the exporter for tests instead of the network."""
    exporter = InMemorySpanExporter()
    monkeypatch.setattr("mccs_graphql.adapters.traces.OTLPSpanExporter", lambda **_: exporter)
    app = create_app(settings.model_copy(update={"otel_endpoint": "http://127.0.0.1:1"}))
    async with app.router.lifespan_context(app):
        yield Traced(app, exporter)


def test_nothing_is_traced_without_the_setting(settings: Settings) -> None:
    assert isinstance(tracing_of(settings, {}), NoTracing)


def test_missing_extra_is_a_sentence(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "mccs_graphql.adapters.traces")
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    asked = settings.model_copy(update={"otel_endpoint": "http://127.0.0.1:4318"})
    with pytest.raises(ExtraMissing, match=r"mccs-graphql\[otel\]"):
        tracing_of(asked, {})


async def test_operation_holds_its_transaction_and_that_its_statements(
    traced: Traced, make: MakeMember
) -> None:
    assert isinstance(traced.app.state.services.tracing, Traces)
    ana, ben = await make(), await make()
    async with GraphQLClient.to(traced.app) as graphql:
        await Trading(graphql).proposed(ana, ben)
    spans = traced.spans()

    (operation,) = [span for span in spans if span.name == "mutation proposeTransfer"]
    transaction = next(span for span in spans if span.name == "transaction")
    inserts = [span for span in spans if span.name == "INSERT"]
    assert operation.parent is None
    assert transaction.parent is not None
    assert transaction.parent.span_id == operation.context.span_id
    assert {span.parent.span_id for span in inserts if span.parent} == {transaction.context.span_id}
    assert {span.context.trace_id for span in spans} == {operation.context.trace_id}
    assert (operation.attributes or {})["mccs.outcome"] == "ok"


async def test_parameters_and_names_of_clients_are_not_sent(
    traced: Traced, make: MakeMember
) -> None:
    ana = await make()
    async with GraphQLClient.to(traced.app) as graphql:
        await graphql("query Mine { viewer { email } }", by=ana)
    told = "".join(span.to_json() for span in traced.spans())
    assert "query viewer" in told
    for secret in ("Mine", ana.token, str(ana.user_id), ana.email):
        assert secret not in told
