"""Who may come in by a root field: what its directive says, checked before anything is done."""

from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from inspect import isawaitable
from typing import Any, TypeVar
from uuid import UUID

from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryObjectDefinition

from mccs_graphql.domain.access import Requirement
from mccs_graphql.domain.errors import Forbidden, InvalidInput, Refusal
from mccs_graphql.domain.identity.refusals import TooManyAttempts
from mccs_graphql.domain.identity.viewer import admit
from mccs_graphql.schema.access import requirement_of
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import NOBODY, decode_id

Root = TypeVar("Root", bound=type)


UNTRACED = (InvalidInput, TooManyAttempts)
"""Refusals of what nobody could have meant, and of what is counted elsewhere."""


class Admission(FieldExtension):
    """Lets in who fits the requirement; the others get an error, and the field is not resolved."""

    def __init__(self, requirement: Requirement) -> None:
        self._requirement = requirement

    def resolve(self, next_: Callable[..., Any], source: object, info: Info, **given: Any) -> Any:
        """Raises Unauthenticated or Forbidden."""
        admit(info.context.viewer, self._requirement)
        return next_(source, info, **given)

    async def resolve_async(
        self, next_: Callable[..., Any], source: object, info: Info, **given: Any
    ) -> Any:
        """Raises Unauthenticated or Forbidden. A subscription leads to its stream, unawaited."""
        admit(info.context.viewer, self._requirement)
        found = next_(source, info, **given)
        return await found if isawaitable(found) else found


class Conduct(FieldExtension):
    """Names the mutation that is carried out, and leaves a trace if it is refused."""

    async def resolve_async(
        self, next_: Callable[..., Any], source: object, info: Info, **given: Any
    ) -> Any:
        """Raises what the mutation raises."""
        context = info.context
        context.action = info.field_name
        try:
            return await next_(source, info, **given)
        except (Refusal, Forbidden) as error:
            if not isinstance(error, UNTRACED):
                await context.record_refusal(error.code, _ids_in(given))
            raise


def guarded(root: Root) -> Root:
    """Put an admission before each field of a root. Raises TypeError for one without directive."""
    definition: StrawberryObjectDefinition = root.__strawberry_definition__  # type: ignore[attr-defined]
    for field in definition.fields:
        requirement = requirement_of(field.directives)
        if requirement is None:
            raise TypeError(f"{definition.name}.{field.python_name} does not say whom it is for.")
        conduct = [Conduct()] if definition.name == "Mutation" else []
        field.extensions = [*conduct, Admission(requirement), *field.extensions]
    return root


def _ids_in(value: object) -> Iterator[UUID]:
    """Whatever has the form of an id of ours, anywhere in an input; NOBODY is no subject."""
    if isinstance(value, str):
        decoded = decode_id(value)
        if decoded and decoded[1] != NOBODY:
            yield decoded[1]
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _ids_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _ids_in(inner)
    elif is_dataclass(value):
        yield from _ids_in(vars(value))
