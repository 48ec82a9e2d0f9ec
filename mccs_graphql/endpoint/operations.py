"""What happens around every operation: the document, who asks, and how errors are shown."""

import asyncio
from collections.abc import AsyncIterator, Iterator

from graphql import ExecutionResult as GraphQLExecutionResult
from graphql import (
    FieldNode,
    GraphQLError,
    get_operation_ast,
)
from graphql import (
    OperationType as DocumentOperation,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext, ExecutionResult, StreamExecutionResult

from mccs_graphql.context import Caller, Context
from mccs_graphql.domain.rates import Charge
from mccs_graphql.endpoint import charges
from mccs_graphql.endpoint.documents import Document, read
from mccs_graphql.endpoint.dry_runs import ARGUMENT, DryRun, dry_run
from mccs_graphql.endpoint.errors import presentable
from mccs_graphql.endpoint.limits import TOKENS_MAX, excess
from mccs_graphql.endpoint.measuring import Measure
from mccs_graphql.endpoint.sightings import Sighting
from mccs_graphql.reference import begin_reference

UNREADABLE = 10
"""Points of what cannot be carried out: finding that out takes as long as a page."""
_NO_INTROSPECTION = "The schema is not shown here; it is published as schema.graphql."
BRING_THEIR_OWN_PROOF = frozenset(
    (
        *("logIn", "refreshSession", "signUp", "requestPasswordReset", "resetPassword"),
        *("verifyEmail", "confirmEmailChange", "cancelEmailChange"),
        *("signUpWithInvitation", "declineInvitation"),
    )
)
"""Mutations that do not ask who sends them: a token that has expired does not keep them out."""


class Operation(SchemaExtension):
    """Reads a document once, lets the caller in if the points suffice, makes errors presentable."""

    async def on_operation(self) -> AsyncIterator[None]:
        """Bound the document before; show the errors after."""
        self._caller: Caller = self.execution_context.context
        self._seconds = self._caller.services.settings.operation_seconds
        self._deadline = asyncio.get_running_loop().time() + self._seconds
        self._document: Document | None = None
        self._measure = Measure(cost=UNREADABLE)
        self._charge: Charge | None = None
        self._dry_run: DryRun | None = None
        self._is_told = False
        self._reference = self._caller.reference = begin_reference()
        self._sighting = Sighting(self._caller.services, self._reference)
        self.execution_context.parse_options["max_tokens"] = TOKENS_MAX
        try:
            yield
        except Exception:
            self._sighting.refused = True
            await self._paid()
            raise
        else:
            self._show_errors(self.execution_context.result)
        finally:
            self._sighting.tell(self._charge)

    def on_stream_result(self, result: StreamExecutionResult) -> Iterator[None]:
        """Show the errors of a message; of a subscription only the first one says the cost."""
        self._show_errors(result)
        yield None
        self._is_told = True

    async def get_results(self) -> dict[str, object]:
        """What the operation costs, and how it is found again: in every answer."""
        if self._is_told:
            return {}
        shown = charges.shown(await self._paid())
        cost = shown | {"requested": self._measure.cost}
        return {"cost": cost, "request": self._reference}

    def on_parse(self) -> Iterator[None]:
        """Take the document from those kept; one with an error is left to Strawberry to report."""
        operation = self.execution_context
        try:
            self._document = read(operation.schema._schema, operation.query or "")  # noqa: SLF001 - the only way to graphql-core's
            operation.graphql_document = self._document.node
        except GraphQLError:
            operation.graphql_document = None
        yield

    async def on_validate(self) -> AsyncIterator[None]:
        """Validate, then give the operation a context of its own.

        Here because an error of this step reaches the client on every transport.
        """
        if self._document is not None:
            faults = self._faults(self._document) or await self._enter(self._measure)
            self.execution_context.pre_execution_errors = faults
        yield

    async def on_execute(self) -> AsyncIterator[None]:
        """Bound the time; of a subscription only its beginning is carried out here."""
        deadline = asyncio.timeout_at(self._deadline)
        try:
            async with deadline:
                if self._dry_run:
                    self.execution_context.graphql_document = self._dry_run.document
                yield
        except TimeoutError:
            if not deadline.expired():
                raise
            raise GraphQLError(_too_slow(self._seconds), extensions={"code": "TIMEOUT"}) from None
        if self._dry_run and isinstance(self.execution_context.result, GraphQLExecutionResult):
            self._dry_run.fill(self.execution_context.result)

    def _faults(self, document: Document) -> list[GraphQLError]:
        operation = self.execution_context
        name = operation._provided_operation_name  # noqa: SLF001 - nowhere else
        # Strawberry would take the first of several operations; the specification says to refuse.
        if name is None and document.operation_count > 1:
            return [_refused("Say by `operationName` which of the operations is meant.")]
        if document.faults:
            return list(document.faults)
        variables = operation.variables or {}
        self._sighting.title = document.title(name)
        self._measure = document.measure(name, variables)
        return excess(self._measure, variables)

    async def _enter(self, measure: Measure) -> list[GraphQLError]:
        operation = self.execution_context
        try:
            whoever = _brings_its_own_proof(operation)
            async with asyncio.timeout_at(self._deadline):
                context = await self._caller.enter(reference=self._reference, whoever=whoever)
        except Exception as error:
            return [GraphQLError(str(error), original_error=error)]
        self._dry_run = self._find_dry_run()
        take = self._caller.rehearse if self._dry_run else self._caller.pay
        context.charge = self._charge = await take(measure.cost, by=context)
        operation.context = self._sighting.context = context
        if self._charge.retry_seconds:
            return [charges.refusal(self._charge)]
        return _secrets(context) if measure.introspections else []

    def _find_dry_run(self) -> DryRun | None:
        operation = self.execution_context
        if self._document is None or ARGUMENT not in (operation.query or ""):
            return None
        name = operation._provided_operation_name  # noqa: SLF001 - nowhere else
        schema = operation.schema._schema  # noqa: SLF001 - the only way to graphql-core's
        return dry_run(schema, self._document.node, name, operation.variables or {})

    async def _paid(self) -> Charge:
        """The charge; of an operation that nobody was let in for, the one for reading it."""
        if self._charge is None:
            self._charge = await self._caller.pay(UNREADABLE, by=None)
        return self._charge

    def _show_errors(self, result: object) -> None:
        if isinstance(result, ExecutionResult | GraphQLExecutionResult) and result.errors:
            result.errors = [
                presentable(error, reference=self._reference) for error in result.errors
            ]
            if self._charge and self._charge.retry_seconds:
                result.errors = [charges.refusal(self._charge)]
            self._sighting.see(result.errors)


def _secrets(context: Context) -> list[GraphQLError]:
    """Why this caller may not read the schema; empty for those who may."""
    allowed = context.services.settings.introspection
    if allowed == "all" or (allowed == "members" and context.viewer):
        return []
    code = "FORBIDDEN" if allowed == "off" else "UNAUTHENTICATED"
    return [GraphQLError(_NO_INTROSPECTION, extensions={"code": code})]


def _brings_its_own_proof(operation: ExecutionContext) -> bool:
    document = operation.graphql_document
    found = get_operation_ast(document, operation.operation_name) if document else None
    if found is None or found.operation is not DocumentOperation.MUTATION:
        return False
    return all(
        isinstance(node, FieldNode) and node.name.value in BRING_THEIR_OWN_PROOF
        for node in found.selection_set.selections
    )


def _refused(message: str) -> GraphQLError:
    return GraphQLError(message, extensions={"code": "BAD_REQUEST"})


def _too_slow(seconds: float) -> str:
    return (
        f"This took more than {seconds:g} seconds and was given up. Ask for less; send a mutation "
        "again with the same idempotencyKey."
    )
