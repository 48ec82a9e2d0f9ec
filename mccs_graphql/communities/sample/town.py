"""The town as its data files tell of it."""

import tomllib
from dataclasses import dataclass
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter

from mccs_graphql.db.models import AdminRole, EntityStatus
from mccs_graphql.domain.ledger.commands import Direction

FILES = Path(__file__).parent / "eskerford"


@dataclass(frozen=True)
class Person:
    """Somebody who logs in."""

    name: str
    email: str

    @property
    def first_name(self) -> str:
        return self.name.partition(" ")[0]

    @property
    def last_name(self) -> str:
        return self.name.partition(" ")[2]


@dataclass(frozen=True)
class Official(Person):
    """Somebody who runs the community."""

    role: AdminRole


@dataclass(frozen=True)
class Place:
    """Where the town is."""

    city: str
    region: str
    country: str


@dataclass(frozen=True)
class Sale:
    """What a business sells again and again, for ``least`` to ``most`` units."""

    description: str
    least: int
    most: int


def _person(text: object) -> object:
    return dict(zip(("name", "email"), parseaddr(str(text)), strict=True))


def _sale(row: Any) -> object:
    return dict(zip(("description", "least", "most"), row, strict=True))


@dataclass(frozen=True, kw_only=True)
class Business:
    """An entity of the town; ``limits`` are units below and above zero.

    It trades ``busy`` times as often as others.
    """

    name: str
    people: tuple[Annotated[Person, BeforeValidator(_person)], ...]
    description: str
    address: str
    postal_code: str
    city: str = ""
    email: str = ""
    status: EntityStatus = EntityStatus.TRADING_ACCEPTED
    categories: tuple[str, ...]
    offers: tuple[str, ...]
    wants: tuple[str, ...]
    limits: tuple[int, int] = (0, 500)
    sells: tuple[Annotated[Sale, BeforeValidator(_sale)], ...] = ()
    busy: int = 1

    @property
    def trades(self) -> bool:
        return self.status is EntityStatus.TRADING_ACCEPTED


@dataclass(frozen=True, kw_only=True)
class OpenProposal:
    """A proposal that waits for an answer; ``amount`` in units."""

    initiator: str
    receiver: str
    direction: Direction
    amount: int
    hours_ago: int
    description: str


@dataclass(frozen=True)
class Reasons:
    """Why a proposal came to nothing; empty ones say nothing."""

    receiver: tuple[str, ...]
    initiator: tuple[str, ...]


@dataclass(frozen=True)
class Town:
    """Everybody, and what goes on between them."""

    town: Place
    admins: tuple[Official, ...]
    reasons: Reasons
    proposals: tuple[OpenProposal, ...]
    entities: tuple[Business, ...]


def read_town() -> Town:
    """Read the data files of this package."""
    merged: dict[str, Any] = {"entities": []}
    for path in sorted(FILES.glob("*.toml")):
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        merged["entities"] += content.pop("entities")
        merged |= content
    return TypeAdapter(Town).validate_python(merged)
