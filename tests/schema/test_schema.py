"""The schema as a whole: everything described, every mutation of one shape, every refusal shown."""

from collections.abc import Iterator
from dataclasses import fields

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_specified_directive,
    is_specified_scalar_type,
    validate_schema,
)
from graphql import (
    build_schema as read_schema,
)

from mccs_graphql.domain.errors import Refusal
from mccs_graphql.endpoint.schema import build_schema, print_schema
from mccs_graphql.settings import Settings

SETTINGS = Settings(_env_file=None)
SCHEMA: GraphQLSchema = build_schema(SETTINGS)._schema  # noqa: SLF001 - graphql-core's own
OWN_TYPES = [
    type_
    for name, type_ in SCHEMA.type_map.items()
    if not name.startswith("__") and not is_specified_scalar_type(type_)
]
assert SCHEMA.query_type
assert SCHEMA.mutation_type
MUTATIONS = SCHEMA.mutation_type.fields
REFUSALS = Refusal.__subclasses__()
WITHOUT_INPUT = {
    *("logOut", "logOutEverywhere", "logOutElsewhere"),
    "requestEmailVerification",
}
EVERY_REFUSAL_HAS = {"code", "message", "path"}


def described(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    """Everything in a type that has a description, by its coordinate."""
    yield type_.name, type_.description
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            for argument_name, argument in field.args.items():
                yield f"{type_.name}.{name}({argument_name}:)", argument.description
    if isinstance(type_, GraphQLInputObjectType):
        for name, input_field in type_.fields.items():
            yield f"{type_.name}.{name}", input_field.description
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_.name}.{name}", value.description


def members_of(mutation: GraphQLField) -> list[GraphQLObjectType]:
    """What a mutation may lead to."""
    result = mutation.type
    if isinstance(result, GraphQLNonNull):
        result = result.of_type
    assert isinstance(result, GraphQLUnionType)
    return list(result.types)


def of_several(mutation: GraphQLField) -> Iterator[GraphQLNamedType]:
    """What a mutation may refuse for one of several things, as its outcomes say."""
    for result in members_of(mutation):
        if outcomes := result.fields.get("outcomes"):
            refusal = get_named_type(get_named_type(outcomes.type).fields["refusal"].type)
            yield from refusal.types if isinstance(refusal, GraphQLUnionType) else ()


def is_refusal(type_: GraphQLObjectType) -> bool:
    return "UserError" in {interface.name for interface in type_.interfaces}


def in_schema(name: str) -> str:
    """A Python name as the schema spells it."""
    first, *rest = name.split("_")
    return first + "".join(map(str.title, rest))


@pytest.mark.parametrize("type_", OWN_TYPES, ids=lambda type_: type_.name)
def test_everything_is_described(type_: GraphQLNamedType) -> None:
    assert [where for where, text in described(type_) if not (text or "").strip()] == []


def test_own_directives_are_described() -> None:
    own = [found for found in SCHEMA.directives if not is_specified_directive(found)]
    assert [found.name for found in own if not found.description] == []


def test_schema_is_valid() -> None:
    assert validate_schema(SCHEMA) == []


class TestMutations:
    @pytest.mark.parametrize("name", sorted(MUTATIONS.keys() - WITHOUT_INPUT))
    def test_takes_one_input_that_must_be_given(self, name: str) -> None:
        assert list(MUTATIONS[name].args) == ["input"]
        input_type = MUTATIONS[name].args["input"].type
        assert isinstance(input_type, GraphQLNonNull)
        assert isinstance(input_type.of_type, GraphQLInputObjectType)

    @pytest.mark.parametrize("name", sorted(WITHOUT_INPUT))
    def test_without_input_takes_nothing(self, name: str) -> None:
        assert not MUTATIONS[name].args

    @pytest.mark.parametrize("name", sorted(MUTATIONS.keys() - WITHOUT_INPUT))
    def test_leads_to_one_success_or_to_refusals(self, name: str) -> None:
        members = members_of(MUTATIONS[name])
        assert len([member for member in members if not is_refusal(member)]) == 1
        assert len(members) > 1

    @pytest.mark.parametrize("name", [n for n in MUTATIONS if n.endswith("Transfer")])
    def test_that_moves_money_takes_a_key(self, name: str) -> None:
        input_type = MUTATIONS[name].args["input"].type
        assert isinstance(input_type, GraphQLNonNull)
        assert isinstance(input_type.of_type, GraphQLInputObjectType)
        assert str(input_type.of_type.fields["idempotencyKey"].type) == "UUID!"


class TestRefusals:
    @pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
    def test_is_a_type_with_its_facts(self, refusal: type[Refusal]) -> None:
        shown = SCHEMA.type_map[refusal.__name__]

        assert isinstance(shown, GraphQLObjectType)
        assert is_refusal(shown)
        facts = {in_schema(fact.name) for fact in fields(refusal)}
        assert shown.fields.keys() - EVERY_REFUSAL_HAS == facts

    @pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
    def test_has_a_code_of_its_own(self, refusal: type[Refusal]) -> None:
        codes = SCHEMA.type_map["ErrorCode"]
        assert isinstance(codes, GraphQLEnumType)
        assert refusal.code in codes.values
        assert [other.code for other in REFUSALS].count(refusal.code) == 1

    @pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal.__name__)
    def test_is_a_result_of_some_mutation(self, refusal: type[Refusal]) -> None:
        results = {
            member.name
            for name in MUTATIONS.keys() - WITHOUT_INPUT
            for member in (*members_of(MUTATIONS[name]), *of_several(MUTATIONS[name]))
        }
        assert refusal.__name__ in results

    def test_every_shown_refusal_is_one_of_the_domain(self) -> None:
        shown = SCHEMA.type_map["UserError"]
        assert isinstance(shown, GraphQLInterfaceType)
        names = {type_.name for type_ in SCHEMA.get_implementations(shown).objects}
        assert names == {refusal.__name__ for refusal in REFUSALS}

    def test_of_the_other_side_carries_no_figures(self) -> None:
        shown = SCHEMA.type_map["CounterpartyLimitExceeded"]
        assert isinstance(shown, GraphQLObjectType)
        assert shown.fields.keys() == EVERY_REFUSAL_HAS


class TestPrinted:
    def test_printed_schema_says_the_same(self) -> None:
        printed = read_schema(print_schema(SETTINGS))
        assert {name for name in printed.type_map if not name.startswith("__")} == {
            name for name in SCHEMA.type_map if not name.startswith("__")
        }

    def test_printing_again_gives_the_same_text(self) -> None:
        assert print_schema(SETTINGS) == print_schema(SETTINGS)

    def test_types_are_in_alphabetical_order(self) -> None:
        lines = print_schema(SETTINGS).splitlines()
        names = [line.split()[1] for line in lines if line.startswith("type ")]
        assert names == sorted(names)
