"""Who may come in by a root field: what its directive says, checked before anything is done."""

from collections.abc import Callable
from inspect import isawaitable
from typing import Any, TypeVar

from strawberry.extensions import FieldExtension
from strawberry.types.base import StrawberryObjectDefinition

from mccs_graphql.domain.access import Requirement
from mccs_graphql.domain.identity.viewer import admit
from mccs_graphql.schema.access import requirement_of
from mccs_graphql.schema.context import Info

Root = TypeVar("Root", bound=type)


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


def guarded(root: Root) -> Root:
    """Put an admission before each field of a root. Raises TypeError for one without directive."""
    definition: StrawberryObjectDefinition = root.__strawberry_definition__  # type: ignore[attr-defined]
    for field in definition.fields:
        requirement = requirement_of(field.directives)
        if requirement is None:
            raise TypeError(f"{definition.name}.{field.python_name} does not say whom it is for.")
        field.extensions = [Admission(requirement), *field.extensions]
    return root
