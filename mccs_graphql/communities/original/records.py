"""What the original's seed files hold, the same for both of its shapes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, ConfigDict, Strict, StrictBool, StrictInt, StrictStr
from pydantic.alias_generators import to_camel

from mccs_graphql.communities.original.shapes import Shape
from mccs_graphql.db.models import EntityStatus

AS_WRITTEN = ConfigDict(alias_generator=to_camel)


def _text_or_nothing(value: object) -> object:
    return "" if value is None else value


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise ValueError("should be a time such as 2021-05-01T09:00:00Z")  # noqa: TRY004 - pydantic
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("should have an offset from UTC")
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("is outside of the years 1 to 9999") from error


def _status(value: object) -> object:
    return EntityStatus(value) if isinstance(value, str) else value


def _number(value: object) -> object:
    """JSON has one kind of numbers; the reader hands out integers and decimals, never floats."""
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


Text = Annotated[StrictStr, BeforeValidator(_text_or_nothing)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Status = Annotated[EntityStatus, BeforeValidator(_status)]
Number = Annotated[Decimal, Strict(), BeforeValidator(_number)]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A tag or a heading with its time; also one that an entity carries."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WRITTEN

    name: StrictStr
    created_at: Moment = None


@dataclass(frozen=True, kw_only=True)
class User:
    """A login. The password is plain text in the files."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WRITTEN

    email: StrictStr
    password: StrictStr
    first_name: Text = ""
    last_name: Text = ""
    telephone: Text = ""
    created_at: Moment = None


@dataclass(frozen=True, kw_only=True)
class Entity:
    """A listed business. Headings are plain names here."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WRITTEN

    name: Text = ""
    status: Status
    email: Text = ""
    telephone: Text = ""
    inc_type: Text = ""
    company_number: Text = ""
    website: Text = ""
    declared_turnover: StrictInt | None = None
    description: Text = ""
    address: Text = ""
    city: Text = ""
    region: Text = ""
    postal_code: Text = ""
    country: Text = ""
    show_tags_matched_since_last_login: StrictBool = False
    receive_daily_match_notification_email: StrictBool = False
    categories: tuple[StrictStr, ...] = ()
    offers: tuple[Named, ...] = ()
    wants: tuple[Named, ...] = ()
    created_at: Moment = None
    updated_at: Moment = None

    @property
    def tags(self) -> tuple[Named, ...]:
        """Offers and wants together."""
        return self.offers + self.wants


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The range of a balance, in units."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WRITTEN

    max_neg_bal: Number
    max_pos_bal: Number


@dataclass(frozen=True, kw_only=True)
class Admin:
    """One who runs the community. The password is plain text in the files."""

    __pydantic_config__: ClassVar[ConfigDict] = AS_WRITTEN

    email: StrictStr
    password: StrictStr
    name: Text = ""
    created_at: Moment = None


@dataclass(frozen=True)
class Member:
    """A user, the entity of the same record number, and its limits if there is a file of them."""

    number: int
    user: User
    entity: Entity
    limits: Limits | None


Numbered = tuple[tuple[int, Named], ...]


@dataclass(frozen=True)
class Seeds:
    """Everything in a folder; records carry their number in their file, from 1.

    ``left_out`` names the fields, file by file, for which there is no place here.
    """

    shape: Shape
    members: tuple[Member, ...]
    tags: Numbered
    categories: Numbered
    admins: tuple[tuple[int, Admin], ...]
    left_out: dict[str, tuple[str, ...]]
