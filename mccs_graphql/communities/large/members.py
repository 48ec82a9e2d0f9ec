"""The members of a large community, one after the other, in the order in which they joined."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from uuid import UUID

from mccs_graphql.communities.large.chance import SEED, Urn
from mccs_graphql.communities.large.data import read_trades
from mccs_graphql.communities.large.ids import Space, id_of
from mccs_graphql.communities.large.market import Market
from mccs_graphql.communities.large.people import Names
from mccs_graphql.communities.large.places import Town, make_towns
from mccs_graphql.communities.large.texts import Descriptions
from mccs_graphql.db.models import EntityStatus

AGE = timedelta(days=5 * 365)
"""How long ago the first member joined."""
TAGS_AGE = timedelta(days=3 * 365)
"""Older lists have been changed since."""
STATUSES = Urn(
    (
        EntityStatus.TRADING_ACCEPTED,
        EntityStatus.ACCEPTED,
        EntityStatus.PENDING,
        EntityStatus.REJECTED,
        EntityStatus.TRADING_PENDING,
        EntityStatus.TRADING_REJECTED,
    ),
    (70, 20, 5, 2, 2, 1),
)
"""Of a hundred members, so many have each status."""
EMAIL = "member-{:06}@example.org"


class Listing(NamedTuple):
    """A tag, by its number in the vocabulary, and since when it is offered or wanted."""

    tag: int
    since: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """A user with one entity; ``number`` counts from 1."""

    number: int
    user_id: UUID
    entity_id: UUID
    first_name: str
    last_name: str
    business: str
    status: EntityStatus
    description: str
    town: Town
    headings: Sequence[int]
    offers: Sequence[Listing]
    wants: Sequence[Listing]
    joined: datetime

    @property
    def email(self) -> str:
        return EMAIL.format(self.number)

    @property
    def trades(self) -> bool:
        return self.status is EntityStatus.TRADING_ACCEPTED


class Population:
    """Makes so many members, the same ones each time; dates count back from ``now``."""

    def __init__(self, *, entities: int, now: datetime) -> None:
        self.entities = entities
        self.trades = read_trades()
        self.market = Market(self.trades, entities=entities)
        self.founded = now - AGE
        self._now = now
        self._towns = make_towns()
        self._names = Names()
        self._descriptions = Descriptions()

    def members(self) -> Iterator[Member]:
        random = Random(SEED)  # noqa: S311 - no secret, the same every time
        for number in range(1, self.entities + 1):
            yield self._member(random, number)

    def _member(self, random: Random, number: int) -> Member:
        trade, town = self.market.trade(random), self._towns.one(random)
        person = self._names.person(random)
        offers = self.market.offers(random, trade)
        joined = self.founded + AGE * ((number - random.random()) / self.entities)
        return Member(
            number=number,
            user_id=id_of(Space.USER, number),
            entity_id=id_of(Space.ENTITY, number),
            first_name=person[0],
            last_name=person[1],
            business=self._names.business(random, person, self.trades[trade], town),
            status=STATUSES.one(random),
            description=self._descriptions.make(random, self._said(offers)),
            town=town,
            headings=self.market.headings(random, trade, offers),
            offers=self._listings(random, offers, joined),
            wants=self._listings(random, self.market.wants(random, offers), joined),
            joined=joined,
        )

    def _said(self, tags: Sequence[int]) -> list[str]:
        return [self.market.words[tag].name for tag in tags]

    def _listings(self, random: Random, tags: Sequence[int], joined: datetime) -> list[Listing]:
        first = max(joined, self._now - TAGS_AGE)
        return [Listing(tag, first + (self._now - first) * random.random()) for tag in tags]
