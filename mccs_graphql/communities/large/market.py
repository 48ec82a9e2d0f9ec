"""Who offers and wants what: mostly what belongs to one's own trade."""

from collections import defaultdict
from collections.abc import Sequence
from math import sqrt
from random import Random

from mccs_graphql.communities.large.chance import Urn, fading, zipf, zipf_urn
from mccs_graphql.communities.large.data import Trade
from mccs_graphql.communities.large.vocabulary import Word, make_vocabulary, size_for

OFFERS_MAX, WANTS_MAX = 6, 5
TAG_SHIFT = 100.0
"""So high that one member of fifty carries the first tag, and not one of three."""
TRADE_SHIFT = 6.0
"""The largest trade has some six of a hundred members."""


class Market:
    """Draws trades, and the numbers of tags that go with them."""

    def __init__(self, trades: Sequence[Trade], *, entities: int) -> None:
        self.words = make_vocabulary(trades, size=size_for(entities))
        weights = fading(zipf(len(self.words), shift=TAG_SHIFT))
        self._all = Urn(range(len(self.words)), weights)
        # Within a trade everybody does nearly everything: the square root evens out.
        self._of_trade = {
            trade: Urn(numbers, [sqrt(weights[number]) for number in numbers])
            for trade, numbers in _by_trade(self.words).items()
        }
        self._trades = zipf_urn(sorted(self._of_trade), shift=TRADE_SHIFT)

    def trade(self, random: Random) -> int:
        return self._trades.one(random)

    def offers(self, random: Random, trade: int) -> list[int]:
        """One to six tags, the first of them of the trade, others perhaps not."""
        count = random.randint(1, OFFERS_MAX)
        own = random.randint(1, count)
        drawn = self._of_trade[trade].draw(random, own) + self._all.draw(random, count - own)
        return list(dict.fromkeys(drawn))

    def wants(self, random: Random, offers: Sequence[int]) -> list[int]:
        """Up to five tags that are not offered."""
        drawn = dict.fromkeys(self._all.draw(random, random.randint(0, WANTS_MAX)))
        return [number for number in drawn if number not in offers]

    def headings(self, random: Random, trade: int, offers: Sequence[int]) -> list[int]:
        """The trade, and for half of those who offer something else, that too."""
        others = [self.words[number].trade for number in offers]
        other = next((found for found in others if found != trade), trade)
        return [trade] if other == trade or random.random() < 1 / 2 else [trade, other]


def _by_trade(words: Sequence[Word]) -> dict[int, list[int]]:
    numbers: dict[int, list[int]] = defaultdict(list)
    for number, word in enumerate(words):
        numbers[word.trade].append(number)
    return numbers
