"""Names of people, and of what they call their businesses."""

from itertools import product
from random import Random

from mccs_graphql.communities.large.chance import SEED, zipf_urn
from mccs_graphql.communities.large.data import Trade, read_words
from mccs_graphql.communities.large.places import Town

FAMILIES = 20_000
FAMILY_SHIFT = 60.0
FORMS = (
    "{family} {maker}",
    "{family} {maker}",
    "{family} {maker}",
    "{city} {maker}",
    "{family} & Daughters {maker}",
    "{first} {family}, {maker}",
    "{family} and {other} {maker}",
    "The {city} {maker} of {family}",
    "{family}'s {city} {maker}",
    "{maker} {number}",
)
NUMBER_MAX = 120
"""Of the last form: numbers that sort as numbers."""


class Names:
    """Draws names of people and of businesses; a few families are large."""

    def __init__(self) -> None:
        self._first = read_words("people")["first_names"]
        self._families = zipf_urn(_family_names(), shift=FAMILY_SHIFT)

    def person(self, random: Random) -> tuple[str, str]:
        """A first name and a family name."""
        return random.choice(self._first), self._families.one(random)

    def business(self, random: Random, person: tuple[str, str], trade: Trade, town: Town) -> str:
        """What somebody of this trade calls it in this town."""
        first, family = person
        return random.choice(FORMS).format(
            first=first,
            family=family,
            other=self._families.one(random),
            city=town.city,
            maker=random.choice(trade.makers),
            number=random.randint(1, NUMBER_MAX),
        )


def _family_names() -> list[str]:
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    words = read_words("people")
    parts = (words[part] for part in ("beginnings", "middles", "endings"))
    names = dict.fromkeys("".join(syllables) for syllables in product(*parts))
    return random.sample(list(names), FAMILIES)
