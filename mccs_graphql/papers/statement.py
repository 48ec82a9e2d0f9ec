"""A statement in words and figures, before it is a page or a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from types import SimpleNamespace
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.ledger.statements import Line, Statement
from mccs_graphql.mails.wording import Amounts, House, translations
from mccs_graphql.settings import Language

PACKAGE = "mccs_graphql.papers"
MARK = "\N{WHITE SQUARE}"
"""What stands for a letter that a font does not have."""


@dataclass(frozen=True)
class Row:
    """A line as it is read; one of ``received`` and ``paid`` is empty."""

    moment: str
    counterparty: str
    description: str
    reference: str
    received: str
    paid: str
    balance: str


@dataclass(frozen=True)
class Paper:
    """All that is said on paper, in one language. ``words`` are those of ``words.jinja``."""

    language: Language
    house: str
    entity: str
    opening: str
    closing: str
    received: str
    paid: str
    rows: Sequence[Row]
    words: Any


def write_out(
    statement: Statement, lines: Sequence[Line], *, language: Language, house: House
) -> Paper:
    """The statement with all its lines."""
    amounts, stretch = Amounts(language, house), statement.stretch
    opening, closing = stretch.opening, stretch.closing
    return Paper(
        language=language,
        house=house.name,
        entity=statement.entity,
        opening=amounts.number(opening.balance),
        closing=amounts.number(closing.balance),
        received=amounts.number(sum(line.amount for line in lines if line.amount > 0)),
        paid=amounts.number(-sum(line.amount for line in lines if line.amount < 0)),
        rows=[_row(line, amounts, language) for line in lines],
        words=_words(
            language,
            number=statement.account_number,
            since=_moment(opening.moment, language),
            until=_moment(closing.moment, language),
            unit=house.unit,
            mark=MARK,
        ),
    )


@cache
def environment(language: Language) -> Environment:
    """Where templates are looked up; what they are given is escaped."""
    made = Environment(
        loader=PackageLoader(PACKAGE),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language, PACKAGE), newstyle=True)  # type: ignore[attr-defined]
    return made


def _words(language: Language, **facts: str) -> Any:
    """Everything that ``words.jinja`` sets, as plain text."""
    module = environment(language).get_template("words.jinja").make_module(facts)
    said = {name: str(text) for name, text in vars(module).items() if not name.startswith("_")}
    return SimpleNamespace(**said)


def _row(line: Line, amounts: Amounts, language: Language) -> Row:
    moved = amounts.number(abs(line.amount))
    return Row(
        moment=_moment(line.posted_at, language),
        counterparty=line.counterparty,
        description=line.description,
        reference=opaque(IdPrefix.TRANSFER, line.transfer_id),
        received=moved if line.amount > 0 else "",
        paid=moved if line.amount < 0 else "",
        balance=amounts.number(line.balance),
    )


def _moment(moment: datetime, language: Language) -> str:
    there = moment.astimezone(UTC)
    return f"{format_date(there, 'medium', locale=language.value)}, {there:%H:%M}"
