"""Members as rows of the tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mccs_graphql.communities.large.ids import category_id, tag_id
from mccs_graphql.communities.large.members import Member, Population
from mccs_graphql.db.models import TagKind
from mccs_graphql.domain.ledger.account_numbers import with_check_digit
from mccs_graphql.domain.money import Money

Row = tuple[Any, ...]

TELEPHONE = "+44 20 7946 0{:03}"
"""Numbers that are kept free for fiction."""
TELEPHONES = 1_000
# Multiples of a prime that is no divisor of 10**15 meet again only after 10**15 of them.
NUMBERS_PRIME = 618_033_988_749_919
NUMBERS = 10**15

COLUMNS = {
    "users": ("id", "email", "password_hash", "first_name", "last_name", "telephone", "created_at"),
    "entities": (
        "id", "name", "status", "email", "telephone", "inc_type", "company_number", "website",
        "description", "address", "city", "region", "postal_code", "country",
        "show_tags_matched_since_last_login", "receive_daily_match_notification_email",
        "created_at", "updated_at",
    ),
    "accounts": (
        "entity_id", "account_number", "balance", "max_negative_balance", "max_positive_balance",
        "posting_count", "event_seq", "created_at",
    ),
    "memberships": ("user_id", "entity_id", "created_at"),
}  # fmt: skip
"""What is copied, table by table, in the order that their references need."""


@dataclass(frozen=True)
class Terms:
    """What all members have in common; limits count the smallest unit."""

    password_hash: str
    max_negative_balance: Money
    max_positive_balance: Money


def copied_rows(members: Sequence[Member], terms: Terms) -> dict[str, list[Row]]:
    """The rows of each table of ``COLUMNS``."""
    return {
        "users": [_user(member, terms) for member in members],
        "entities": [_entity(member) for member in members],
        "accounts": [_account(member, terms) for member in members],
        "memberships": [_membership(member) for member in members],
    }


def tag_rows(members: Sequence[Member]) -> Iterator[Row]:
    """Entity, kind, tag, since when: in the order of the primary key, but for the tags."""
    for member in members:
        for kind, listings in ((TagKind.OFFER, member.offers), (TagKind.WANT, member.wants)):
            for listing in listings:
                yield member.entity_id, kind, tag_id(listing.tag), listing.since


def heading_rows(members: Sequence[Member]) -> Iterator[Row]:
    """Entity, category."""
    for member in members:
        for heading in member.headings:
            yield member.entity_id, category_id(heading)


def word_rows(population: Population) -> list[Row]:
    """Every tag there is, from the first day on."""
    words = enumerate(population.market.words)
    return [(tag_id(number), word.name, population.founded) for number, word in words]


def category_rows(population: Population) -> list[Row]:
    trades = enumerate(population.trades)
    return [(category_id(number), trade.heading, population.founded) for number, trade in trades]


def _user(member: Member, terms: Terms) -> Row:
    return (
        member.user_id,
        member.email,
        terms.password_hash,
        member.first_name,
        member.last_name,
        _telephone(member),
        member.joined,
    )


def _entity(member: Member) -> Row:
    number, town = member.number, member.town
    return (
        member.entity_id,
        member.business,
        member.status,
        member.email,
        _telephone(member),
        "",
        "",
        f"https://example.org/{number}",
        member.description,
        f"{number % 200 + 1} Main Street",
        town.city,
        town.region,
        f"{town.post} {number % 10}AB",
        town.country,
        True,
        False,
        member.joined,
        member.joined,
    )


def _account(member: Member, terms: Terms) -> Row:
    return (
        member.entity_id,
        _account_number(member.number),
        0,
        terms.max_negative_balance,
        terms.max_positive_balance,
        0,
        0,
        member.joined,
    )


def _membership(member: Member) -> Row:
    return (
        member.user_id,
        member.entity_id,
        member.joined,
    )


def _telephone(member: Member) -> str:
    return TELEPHONE.format(member.number % TELEPHONES)


def _account_number(number: int) -> str:
    """Looks like a random one, and is nobody else's."""
    return with_check_digit(f"{number * NUMBERS_PRIME % NUMBERS:015}")
