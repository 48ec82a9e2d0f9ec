"""Towns, some of them large and most of them small, with their regions and countries."""

from dataclasses import dataclass
from itertools import product
from random import Random

from mccs_graphql.communities.large.chance import SEED, Urn, zipf_urn
from mccs_graphql.communities.large.data import read_regions, read_words

TOWNS = 400
TOWN_SHIFT = 2.0
"""The largest town has some six of a hundred members."""


@dataclass(frozen=True)
class Town:
    """Where somebody lives; ``post`` is what its postal codes begin with."""

    city: str
    region: str
    country: str
    post: str


def make_towns() -> Urn[Town]:
    """All towns; the first are the largest."""
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    words = read_words("places")
    names = [a + b for a, b in product(words["beginnings"], words["endings"])]
    regions = [(region, country) for country, found in read_regions().items() for region in found]
    towns = [
        Town(name, *random.choice(regions), post=f"{name[:2].upper()}{number % 100}")
        for number, name in enumerate(random.sample(names, TOWNS))
    ]
    return zipf_urn(towns, shift=TOWN_SHIFT)
