"""Patches: some fields of a row and what is to be kept in them."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from mccs_graphql.domain import contact, text
from mccs_graphql.domain.errors import InvalidInput, Problem

Patch = Mapping[str, object]
"""The fields to change by their names; None clears one, and what is absent stays as it is."""
Reader = Callable[[str, object], object]
"""From a field's name and what was sent for it to what is kept. Raises InvalidInput."""


def read_patch(patch: Patch, readers: Mapping[str, Reader]) -> dict[str, Any]:
    """What is to be kept in each field. Raises InvalidInput with the problems of all of them."""
    kept: dict[str, Any] = {}
    problems: list[Problem] = []
    for name, value in patch.items():
        try:
            kept[name] = readers[name](name, value)
        except InvalidInput as error:
            problems += error.problems
    text.require(iter(problems))
    return kept


def apply(row: object, kept: Mapping[str, object]) -> bool:
    """Set the fields of ``row``; whether this changed anything."""
    changes = {name: value for name, value in kept.items() if getattr(row, name) != value}
    for name, value in changes.items():
        setattr(row, name, value)
    return bool(changes)


def reads_text(*, most: int, least: int = 0) -> Reader:
    """A reader of text without the white space around it; the bounds count characters."""

    def read(name: str, value: object) -> str:
        kept = _stripped(value)
        text.require(text.problems_of(name, kept, most=most, least=least))
        return kept

    return read


def reads_one_of(choices: Iterable[str]) -> Reader:
    """A reader of one of the choices, or of nothing."""
    known = tuple(choices)

    def read(name: str, value: object) -> str:
        kept = _stripped(value)
        if kept and kept not in known:
            raise _refused(name, "NOT_A_CHOICE", f"One of {', '.join(known)}; or empty.")
        return kept

    return read


def reads_count(*, most: int) -> Reader:
    """A reader of a whole number from 0 to ``most``; None stays None."""

    def read(name: str, value: object) -> int | None:
        if not isinstance(value, int):
            return None
        if not 0 <= value <= most:
            raise _refused(name, "OUT_OF_RANGE", f"From 0 to {most}.")
        return value

    return read


def reads_telephone(*, region: str) -> Reader:
    """A reader of telephone numbers; those without a country code are of the region."""
    normal = partial(contact.normal_telephone, region=region)
    return _reads_form(partial(contact.telephone_problems, region=region), normal)


def read_choice(_name: str, value: object) -> object:
    """One of an enumeration's, which the schema has seen to; cleared means none."""
    return value


def read_flag(_name: str, value: object) -> bool:
    """Yes or no; cleared means no."""
    return bool(value)


def _reads_form(
    problems: Callable[[str, str], Iterable[Problem]], normal: Callable[[str], str]
) -> Reader:
    """A reader of text that is empty or of a certain form, kept in its normal form."""

    def read(name: str, value: object) -> str:
        kept = _stripped(value)
        if not kept:
            return ""
        text.require(iter(problems(name, kept)))
        return normal(kept)

    return read


read_email = _reads_form(contact.email_problems, contact.normal_email)
read_website = _reads_form(contact.website_problems, str)


def _stripped(value: object) -> str:
    return str(value or "").strip()


def _refused(name: str, code: str, message: str) -> InvalidInput:
    return InvalidInput(problems=(Problem((name,), code, message),))
