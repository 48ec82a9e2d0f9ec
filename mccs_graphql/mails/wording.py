"""Templates of mails, filled in, in the language of who reads them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files
from io import BytesIO
from urllib.parse import urlencode

from babel.dates import format_date, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mccs_graphql.db.models import MailKind
from mccs_graphql.settings import Language

SOURCE = Language.EN
"""The language that the templates themselves are in."""
SUBJECT_MAX = 150
PACKAGE = "mccs_graphql.mails"
"""Where the templates and catalogs of mails are."""


@dataclass(frozen=True)
class House:
    """Who writes, what the links begin with, and what amounts are counted in."""

    name: str
    public_url: str
    unit: str
    unit_scale: int


@dataclass(frozen=True)
class Words:
    """A mail in words: its subject on one line, and what it says twice over."""

    subject: str
    text: str
    html: str


def put_into_words(
    kind: MailKind,
    facts: Mapping[str, object],
    *,
    language: Language,
    house: House,
    unsubscribe: str | None = None,
) -> Words:
    """The mail of this kind. Raises UndefinedError if a fact is missing.

    ``unsubscribe`` is where its reader turns off mails of this kind, if that can be.
    """
    context = dict(facts) | {
        "house": house.name,
        "unsubscribe": unsubscribe,
        "link": Links(house.public_url),
        "money": Amounts(language, house),
    }
    plain = _template(kind, language, html=False)
    subject = "".join(plain.blocks["subject"](plain.new_context(context)))
    return Words(
        subject=_on_one_line(subject),
        text=plain.render(context),
        html=_template(kind, language, html=True).render(context),
    )


@dataclass(frozen=True)
class Links:
    """Makes the addresses that mails lead to; the pages there are the front end's."""

    public_url: str

    def __call__(self, path: str, **query: str) -> str:
        asked = f"?{urlencode(query)}" if query else ""
        return f"{self.public_url}{path}{asked}"


@cache
def environment(language: Language, *, html: bool) -> Environment:
    """Where templates are looked up and how they are filled in; HTML escapes what it is given."""
    made = Environment(
        loader=PackageLoader(PACKAGE),
        extensions=["jinja2.ext.i18n"],
        autoescape=html,  # noqa: S701 - what is not HTML is plain text
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    made.filters["duration"] = Durations(language)
    made.filters["moment"] = Moments(language)
    ending = "html" if html else "txt"
    made.globals.update(layout=f"layout.{ending}", language=language.value)
    made.globals["say"] = made.get_template(f"parts.{ending}").module
    made.globals["roles"] = made.get_template("roles.jinja").module
    made.globals["kinds"] = made.get_template("kinds.jinja").module
    made.globals["statuses"] = made.get_template("statuses.jinja").module
    return made


@cache
def translations(language: Language, package: str = PACKAGE) -> NullTranslations:
    """The catalog of a language, compiled when it is first needed: it cannot be out of date."""
    if language is SOURCE:
        return NullTranslations()
    catalog = files(package) / "catalogs" / f"{language}.po"
    compiled = BytesIO()
    write_mo(compiled, read_po(BytesIO(catalog.read_bytes()), locale=language.value))
    compiled.seek(0)
    return GNUTranslations(compiled)


def _template(kind: MailKind, language: Language, *, html: bool) -> Template:
    return environment(language, html=html).get_template(f"{kind}.jinja")


@dataclass(frozen=True)
class Durations:
    """Says how long something lasts: ``1 hour``, ``3 Tage``."""

    language: Language

    def __call__(self, duration: timedelta) -> str:
        return format_timedelta(duration, threshold=1, locale=self.language.value)


@dataclass(frozen=True)
class Moments:
    """Says when something is: ``December 6, 2026, 14:38 UTC``. Where its reader is nobody knows."""

    language: Language

    def __call__(self, moment: datetime) -> str:
        there = moment.astimezone(UTC)
        return f"{format_date(there, 'long', locale=self.language.value)}, {there:%H:%M} UTC"


@dataclass(frozen=True)
class Amounts:
    """Says how much a count of the smallest unit is: ``1,250.00 credits``."""

    language: Language
    house: House

    def __call__(self, amount: int) -> str:
        return f"{self.number(amount)} {self.house.unit}"

    def number(self, amount: int) -> str:
        """Without the name of the unit: ``1,250.00``."""
        return format_decimal(
            Decimal(amount).scaleb(-self.house.unit_scale),
            format=f"#,##0.{'0' * self.house.unit_scale}".rstrip("."),
            locale=self.language.value,
        )


def _on_one_line(subject: str) -> str:
    """Names may hold what would begin another header."""
    shown = "".join(letter if letter.isprintable() else " " for letter in subject)
    return " ".join(shown.split())[:SUBJECT_MAX]
