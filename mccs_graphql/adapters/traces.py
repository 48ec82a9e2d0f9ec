"""OpenTelemetry: an operation, its transactions, and their statements without parameters.

A client's own trace is not continued: who sends one could name any trace of ours.
"""

from collections.abc import Mapping
from typing import Any

from opentelemetry import context as current
from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import SpanKind, StatusCode, set_span_in_context
from sqlalchemy import event
from sqlalchemy.engine import Connection, ExceptionContext
from sqlalchemy.ext.asyncio import AsyncEngine

from mccs_graphql.db.connections import process_name
from mccs_graphql.settings import Settings

READS = "reads"
"""The engine without transactions."""
STATEMENT_MAX = 2000
_TRANSACTION, _STATEMENT = "mccs.transaction", "mccs.statement"


class OperationSpan:
    """One operation, on its way."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def end(self, name: str, *, outcome: str, code: str) -> None:
        """Tell it."""
        self._span.update_name(name)
        self._span.set_attribute("mccs.outcome", outcome)
        if code:
            self._span.set_attribute("mccs.code", code)
        if outcome == "error":
            self._span.set_status(StatusCode.ERROR)
        self._span.end()


class Traces:
    """Makes spans, and sends them off from a thread of its own."""

    def __init__(
        self,
        settings: Settings,
        engines: Mapping[str, AsyncEngine],
        *,
        exporter: SpanExporter | None = None,
    ) -> None:
        process = process_name(settings.process)
        named = {"service.name": "mccs-graphql", "service.instance.id": process}
        endpoint = f"{settings.otel_endpoint.rstrip('/')}/v1/traces"
        sending = BatchSpanProcessor(exporter or OTLPSpanExporter(endpoint=endpoint))
        # Not the one of the whole process: an application may be one of several.
        self._provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
        self._provider.add_span_processor(sending)
        self._tracer = self._provider.get_tracer(__name__)
        for name, engine in engines.items():
            self._follow(engine, transactions=name != READS)

    def begin(self, reference: str) -> OperationSpan:
        """An operation begins; what this task does from now on is a part of it."""
        span = self._tracer.start_span(
            "operation",
            context=current.Context(),
            kind=SpanKind.SERVER,
            attributes={"mccs.request": reference},
        )
        # For good: each operation has a task of its own.
        current.attach(set_span_in_context(span))
        return OperationSpan(span)

    def close(self) -> None:
        """Send off what is left; waits for the network."""
        self._provider.shutdown()

    def _follow(self, engine: AsyncEngine, *, transactions: bool) -> None:
        event.listen(engine.sync_engine, "before_cursor_execute", self._begin_statement)
        event.listen(engine.sync_engine, "after_cursor_execute", _end_statement)
        event.listen(engine.sync_engine, "handle_error", _fail_statement)
        if transactions:
            event.listen(engine.sync_engine, "begin", self._begin_transaction)
            event.listen(engine.sync_engine, "checkin", _end_transaction)

    def _begin_transaction(self, connection: Connection) -> None:
        if _is_in_an_operation():
            connection.info[_TRANSACTION] = self._tracer.start_span("transaction")

    def _begin_statement(
        self, connection: Connection, _cursor: object, statement: str, *_rest: object
    ) -> None:
        if not _is_in_an_operation():
            return
        outer = connection.info.get(_TRANSACTION)
        connection.info[_STATEMENT] = self._tracer.start_span(
            statement.split(maxsplit=1)[0],
            context=set_span_in_context(outer) if outer else None,
            kind=SpanKind.CLIENT,
            attributes={"db.system.name": "postgresql", "db.query.text": statement[:STATEMENT_MAX]},
        )


def _is_in_an_operation() -> bool:
    """What a process asks for itself, such as a poll, would be traces of one statement."""
    return trace.get_current_span().get_span_context().is_valid


def _end_statement(connection: Connection, *_rest: object) -> None:
    _end(connection.info, _STATEMENT)


def _fail_statement(failed: ExceptionContext) -> None:
    """Without the message, as that has values of rows in it."""
    if failed.connection is not None and not failed.connection.invalidated:
        if span := failed.connection.info.get(_STATEMENT):
            span.set_status(StatusCode.ERROR, type(failed.original_exception).__name__)
        _end(failed.connection.info, _STATEMENT)


def _end_transaction(_connection: object, record: Any) -> None:
    """When the connection goes back: a commit that takes long is a part of it."""
    _end(record.info, _TRANSACTION)


def _end(info: dict[Any, Any], name: str) -> None:
    if span := info.pop(name, None):
        span.end()
