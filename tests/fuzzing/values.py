"""Values for every argument, by the types of the schema alone.

What lives in the community is not drawn but pointed at: ``Known`` says which of its values is
meant, and ``tests.fuzzing.known`` puts it in when the call is sent. So the same seed draws the same
calls, whatever the ids of the day are.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLScalarType,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from mccs_graphql.schema.ids import IdPrefix
from tests.fuzzing.mutations import MUTATIONS
from tests.fuzzing.nasty import DAMAGES, TEXTS

TURNS = 2**16
"""A place in a list of any length; small numbers do not stand out."""
AMOUNTS = ("0.01", "1.00", "2.5", "5.00", "5.01", "10.00", "1000.00", "1000.01", "9999999999999.99")
SOON = "soon"
"""The name of moments not far ahead."""
MOMENTS = ("2026-01-31T12:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z")
NULL_IN, STRANGE_IN, DAMAGED_IN = 8, 12, 8
"""One in so many values is null, or is one that nobody means well with; so many calls are damaged.

What fits comes first everywhere: Hypothesis draws the first choice more often than the others.
"""


class Spelling(Enum):
    """How a call is written down."""

    ALONE = "its document asks for everything, and takes variables"
    TOGETHER = "its document has other calls of the same sender"
    LITERAL = "the same, and its values stand in the document"


SPELLINGS = (*[Spelling.TOGETHER] * 6, Spelling.ALONE, Spelling.LITERAL)


@dataclass(frozen=True)
class Spot:
    """Where a value goes: the name of its argument, and whatever else the schema says of it."""

    name: str
    owner: str
    description: str

    @property
    def path(self) -> str:
        """The name, and what it is an argument of."""
        return f"{self.owner}.{self.name}"


@dataclass(frozen=True)
class Known:
    """One of the texts or numbers that the community has for arguments of this name.

    The name may begin with the type of the input: what a mail is about decides where it helps.
    """

    name: str
    turn: int


@dataclass(frozen=True)
class KnownId:
    """The id of something in the community; of any kind where the schema names none."""

    kinds: tuple[IdPrefix, ...]
    is_own: bool
    turn: int


@dataclass(frozen=True)
class Damage:
    """One place of an input in which something else stands than its type allows."""

    turn: int
    value: Any


@dataclass(frozen=True)
class Call:
    """A mutation with its arguments; ``turn`` says who sends it."""

    mutation: str
    turn: int
    values: dict[str, Any]
    spelling: Spelling
    damage: Damage | None


turns = st.integers(0, TURNS - 1)


def kinds_of(spot: Spot) -> tuple[IdPrefix, ...]:
    """The kinds of thing that an id is of, in the words of the schema: its name's, or else …"""
    for words in (spot.name, spot.description, spot.owner):
        found = tuple(p for p in IdPrefix if p.name.replace("_", "") in words.upper())
        if found:
            return found
    return ()


def _ids(spot: Spot) -> SearchStrategy[Any]:
    is_own = "you act for" in spot.description
    return st.builds(KnownId, st.just(kinds_of(spot)), st.just(is_own), turns)


def _known(spot: Spot) -> SearchStrategy[Any]:
    return st.builds(Known, st.just(spot.path), turns)


def _moments(_spot: Spot) -> SearchStrategy[Any]:
    return st.one_of(st.builds(Known, st.just(SOON), turns), st.sampled_from(MOMENTS))


@st.composite
def _texts(draw: DrawFn, spot: Spot) -> Any:
    """Mostly what fits; texts of no known kind are any short ones."""
    kind = draw(st.integers(1, STRANGE_IN))
    if kind == STRANGE_IN:
        return draw(st.sampled_from(TEXTS))
    if kind == STRANGE_IN - 1:
        return draw(st.text(max_size=60))
    return Known(spot.path, draw(turns))


@st.composite
def _whole(draw: DrawFn, spot: Spot, bits: int) -> Any:
    if draw(st.integers(1, STRANGE_IN)) < STRANGE_IN:
        return Known(spot.path, draw(turns))
    return draw(st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1))


def _amounts(_spot: Spot) -> SearchStrategy[Any]:
    cents = st.integers(1, 2_000).map(lambda amount: f"{amount // 100}.{amount % 100:02}")
    return st.one_of(cents, cents, st.sampled_from(AMOUNTS), st.integers(-3, 10**13))


SCALARS: dict[str, Callable[[Spot], SearchStrategy[Any]]] = {
    "BigInt": lambda spot: _whole(spot, 64),
    "Boolean": lambda _: st.booleans(),
    "DateTime": _moments,
    "Decimal": _amounts,
    "ID": _ids,
    "Int": lambda spot: _whole(spot, 32),
    "LocalTime": lambda _: st.times().map(lambda time: f"{time:%H:%M}"),
    "String": _texts,
    "UUID": _known,
}


def values_of(type_: GraphQLInputType, spot: Spot) -> SearchStrategy[Any]:
    """Values that have the type, whether a rule refuses them or not."""
    if isinstance(type_, GraphQLNonNull):
        return _present(type_.of_type, spot)
    present = _present(type_, spot)
    return st.integers(1, NULL_IN).flatmap(lambda n: present if n < NULL_IN else st.none())


def _present(type_: GraphQLInputType, spot: Spot) -> SearchStrategy[Any]:
    match type_:
        case GraphQLList():
            items = values_of(type_.of_type, spot)
            return st.one_of(st.lists(items, max_size=5), st.lists(items, max_size=15))
        case GraphQLEnumType():
            return st.sampled_from(sorted(type_.values))
        case GraphQLInputObjectType():
            return _one_of(type_) if type_.is_one_of else _object(type_)
        case GraphQLScalarType():
            if type_.name not in SCALARS:
                raise LookupError(f"No values for scalar {type_}: add it to {__name__}.SCALARS.")
            return SCALARS[type_.name](spot)
    raise LookupError(f"No values for {type_!r}.")


def _spot(name: str, of: GraphQLArgument | GraphQLInputField, owner: str) -> Spot:
    return Spot(name, owner, of.description or "")


def _one_of(type_: GraphQLInputObjectType) -> SearchStrategy[Any]:
    choices = [
        st.fixed_dictionaries({name: _present(field.type, _spot(name, field, type_.name))})
        for name, field in type_.fields.items()
    ]
    return st.one_of(choices)


def _object(type_: GraphQLInputObjectType) -> SearchStrategy[Any]:
    fields = {
        name: values_of(field.type, _spot(name, field, type_.name))
        for name, field in type_.fields.items()
    }
    required = [name for name, field in type_.fields.items() if is_required_input_field(field)]
    return _some_of(fields, required)


@st.composite
def _some_of(draw: DrawFn, fields: dict[str, SearchStrategy[Any]], required: list[str]) -> Any:
    """All that is required, and a few of the others: of twenty one would always be refused."""
    optional = [name for name in fields if name not in required]
    few = st.lists(st.sampled_from(optional), max_size=4, unique=True) if optional else st.just([])
    return {name: draw(fields[name]) for name in [*required, *draw(few)]}


def _arguments(mutation: str) -> SearchStrategy[dict[str, Any]]:
    args = MUTATIONS[mutation].args
    drawn = {name: values_of(arg.type, _spot(name, arg, mutation)) for name, arg in args.items()}
    return _some_of(drawn, [name for name, arg in args.items() if is_required_argument(arg)])


@st.composite
def _damages(draw: DrawFn) -> Damage | None:
    if draw(st.integers(1, DAMAGED_IN)) < DAMAGED_IN:
        return None
    return Damage(draw(turns), draw(st.one_of(st.sampled_from(DAMAGES), st.text(max_size=5))))


def rounds() -> SearchStrategy[list[Call]]:
    """One call of every mutation there is, in any order."""
    calls = st.tuples(*map(_calls_of, MUTATIONS))
    return st.builds(
        lambda made, order: [made[place] for place in order],
        calls,
        st.permutations(range(len(MUTATIONS))),
    )


def _calls_of(mutation: str) -> SearchStrategy[Call]:
    return st.builds(
        Call,
        mutation=st.just(mutation),
        turn=turns,
        values=_arguments(mutation),
        spelling=st.sampled_from(SPELLINGS),
        damage=_damages(),
    )
