"""The GraphQL schema, put together."""

import strawberry
from strawberry.schema.config import StrawberryConfig

from mccs_graphql.endpoint.operations import Operation
from mccs_graphql.resolvers.roots import Mutation, Query, Subscription
from mccs_graphql.schema.refusals import refusal_handlers
from mccs_graphql.schema.scalars import scalar_map
from mccs_graphql.settings import Settings


class Schema(strawberry.Schema):
    """Logs nothing by itself: ``endpoint.errors`` logs what is our fault, with its reference."""

    def process_errors(self, errors: object, execution_context: object = None) -> None:
        """Say nothing; the client's mistakes are the client's to read."""


def print_schema(settings: Settings) -> str:
    """The schema as text in alphabetical order, so that its changes read well.

    Only for reading: Strawberry 0.341 cannot execute a sorted schema, as it resolves unions to the
    types from before the sorting.
    """
    return f"{_build(settings, sort=True)}\n"


def build_schema(settings: Settings) -> Schema:
    """The schema for a community with these settings."""
    return _build(settings, sort=False)


def _build(settings: Settings, *, sort: bool) -> Schema:
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[Operation],
        exception_handlers=refusal_handlers(),
        config=StrawberryConfig(
            sort_schema=sort,
            disable_field_suggestions=True,
            scalar_map=scalar_map(unit_scale=settings.unit_scale),
        ),
    )
