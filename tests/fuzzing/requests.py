"""Writes calls down as one request: each with its variables, or as literals in the document."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLList, get_nullable_type

from tests.fuzzing.mutations import DEPTH, MUTATIONS, NAME_ONLY, selection
from tests.fuzzing.values import Spelling

Values = dict[str, Any]


@dataclass(frozen=True)
class Ready:
    """A call with the values that it is sent with."""

    mutation: str
    values: Values
    spelling: Spelling
    is_damaged: bool

    @property
    def depth(self) -> int:
        """How much is asked for. A document that is kept costs less, however long it is."""
        return DEPTH if self.spelling is Spelling.ALONE else NAME_ONLY


def body_of(calls: Sequence[Ready]) -> bytes:
    """The request as JSON, or as nearly as can be: half characters and NaN are no part of it."""
    declared, fields = [], []
    variables: Values = {}
    for number, call in enumerate(calls):
        given = []
        for name, value in call.values.items():
            argument = MUTATIONS[call.mutation].args.get(name)
            if call.spelling is Spelling.LITERAL or argument is None:
                given.append(f"{name}: {literal(value, argument.type if argument else None)}")
                continue
            declared.append(f"${name}{number}: {argument.type}")
            variables[f"{name}{number}"] = value
            given.append(f"{name}: ${name}{number}")
        arguments = f"({', '.join(given)})" if given else ""
        asked = selection(MUTATIONS[call.mutation].type, depth=call.depth)
        fields.append(f"m{number}: {call.mutation}{arguments}{asked}")
    head = f"mutation Fuzz({', '.join(declared)})" if declared else "mutation"
    query = f"{head} {{ {' '.join(fields)} }}"
    return json.dumps({"query": query, "variables": variables}).encode()


def literal(value: Any, type_: Any) -> str:
    """A value in GraphQL; names of an enum stand without quotes, also where there are none."""
    type_ = get_nullable_type(type_) if type_ else None
    match value:
        case str():
            is_name = isinstance(type_, GraphQLEnumType)
            return value if is_name else json.dumps(value, ensure_ascii=False)
        case list():
            item_type = type_.of_type if isinstance(type_, GraphQLList) else None
            return f"[{', '.join(literal(item, item_type) for item in value)}]"
        case dict():
            fields = type_.fields if isinstance(type_, GraphQLInputObjectType) else {}
            written = (
                f"{name}: {literal(inner, fields[name].type if name in fields else None)}"
                for name, inner in value.items()
            )
            return f"{{{', '.join(written)}}}"
    return json.dumps(value)
