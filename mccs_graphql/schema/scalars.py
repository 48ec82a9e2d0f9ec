"""Strict scalars: what is ambiguous on the wire is refused there."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from functools import partial
from typing import Any, NoReturn
from uuid import UUID

import strawberry
from graphql import GraphQLError, IntValueNode, StringValueNode, ValueNode
from strawberry.types.scalar import ScalarDefinition

from mccs_graphql.domain.money import Money, format_money, parse_money
from mccs_graphql.domain.quantities import BigInt

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,6})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)",
    re.ASCII,
)
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)


def scalar_map(*, unit_scale: int) -> dict[object, ScalarDefinition]:
    """Our scalars by the Python type they stand for; amounts have ``unit_scale`` decimals."""
    return {
        Money: strawberry.scalar(
            name="Decimal",
            description=(
                f'A decimal number as a string, such as "12.50", with at most {unit_scale} '
                "decimals. Whole numbers may be sent as integers; floats, exponents and NaN are "
                "refused. Answers always have all decimals."
            ),
            serialize=partial(format_money, scale=unit_scale),
            parse_value=partial(_parse_decimal, scale=unit_scale),
            parse_literal=_literal(
                partial(_parse_decimal, scale=unit_scale), StringValueNode, IntValueNode
            ),
        ),
        BigInt: strawberry.scalar(
            name="BigInt",
            description="A whole number, also beyond the 32 bits of Int. Sent as a number; floats "
            "and strings are refused.",
            serialize=int,
            parse_value=_parse_big_int,
            parse_literal=_literal(_parse_big_int, IntValueNode),
        ),
        datetime: strawberry.scalar(
            name="DateTime",
            description="A moment with its offset (RFC 3339); answers are in UTC.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc3339",
            serialize=_format_date_time,
            parse_value=parse_date_time,
            parse_literal=_literal(parse_date_time, StringValueNode),
        ),
        time: strawberry.scalar(
            name="LocalTime",
            description='A time of day by the clock on the wall, such as "22:00".',
            serialize=_format_time,
            parse_value=_parse_time,
            parse_literal=_literal(_parse_time, StringValueNode),
        ),
        UUID: strawberry.scalar(
            name="UUID",
            description="A UUID in its usual form: 8-4-4-4-12 hexadecimal digits.",
            specified_by_url="https://www.rfc-editor.org/rfc/rfc9562",
            serialize=str,
            parse_value=_parse_uuid,
            parse_literal=_literal(_parse_uuid, StringValueNode),
        ),
    }


def refuse(message: str) -> NoReturn:
    """Say that a value the client sent has not the form it needs."""
    raise GraphQLError(message, extensions={"code": "BAD_USER_INPUT"})


def _literal(
    parse: Callable[[Any], object], *nodes: type[StringValueNode | IntValueNode]
) -> Callable[..., object]:
    """A parser of literals that takes these kinds of node and treats them as variables."""

    def parse_literal(node: ValueNode, _variables: object = None) -> object:
        if not isinstance(node, nodes):
            refuse("This kind of literal is not accepted here.")
        integer = isinstance(node, IntValueNode) and len(node.value) < len(str(2**63))
        return parse(int(node.value) if integer else node.value)

    return parse_literal


def _parse_decimal(value: object, *, scale: int) -> Money:
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        refuse('A decimal is sent as a string such as "12.50", or as an integer.')
    try:
        return parse_money(str(value), scale=scale)
    except ValueError as error:
        refuse(f"This number {error}.")


def _parse_big_int(value: object) -> BigInt:
    if isinstance(value, bool) or not isinstance(value, int):
        refuse("A whole number is sent as one, such as 1200, and not as a string.")
    return BigInt(value)


def parse_date_time(value: object) -> datetime:
    """Read a moment with its offset. Refuses anything else."""
    if not isinstance(value, str) or not _DATE_TIME.fullmatch(value):
        refuse("A moment is sent as 2026-01-31T12:00:00Z: date, time and offset.")
    try:
        return datetime.fromisoformat(value.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        refuse("There is no such moment.")


def _format_date_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _parse_time(value: object) -> time:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        refuse("A time of day is sent as 22:00: hours and minutes.")
    return time.fromisoformat(value)


def _format_time(value: time) -> str:
    return value.isoformat("minutes")


def _parse_uuid(value: object) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        refuse("A UUID is sent as a string of 8-4-4-4-12 hexadecimal digits.")
    return UUID(value)
