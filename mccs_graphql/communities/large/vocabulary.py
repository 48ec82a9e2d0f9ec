"""The tags of a community: those that are used most come first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from random import Random

from mccs_graphql.communities.large.chance import SEED
from mccs_graphql.communities.large.data import Trade, read_words
from mccs_graphql.domain.directory.tags import parse_tag

# New members bring ever fewer new words (Heaps): 1,500 for 10,000 entities, 6,000 for a million.
WORDS_OF_THE_FIRST = 94
GROWTH = 0.301
PART_WEIGHTS = {1: 300, 2: 12, 3: 1}
"""How much earlier a word for something comes than one of two or three parts."""
TYPO_EVERY = 50
FOREIGN_EVERY = 40
TYPO_LETTERS_MIN = 5


@dataclass(frozen=True)
class Word:
    """A tag, and the number of the trade it belongs to."""

    name: str
    trade: int


def size_for(entities: int) -> int:
    """How many different tags so many entities use."""
    return int(WORDS_OF_THE_FIRST * entities**GROWTH)


def make_vocabulary(trades: Sequence[Trade], *, size: int) -> list[Word]:
    """The first ``size`` tags; a larger vocabulary begins with the smaller one."""
    return list(islice(_distinct(_mixed(_ranked(trades), len(trades))), size))


def _ranked(trades: Sequence[Trade]) -> list[Word]:
    """All that the trades can say, by chance in favour of what is short."""
    random = Random(SEED)  # noqa: S311 - no secret, the same every time
    keyed = [
        (random.expovariate(PART_WEIGHTS[parts]), Word(parse_tag(name), number))
        for number, trade in enumerate(trades)
        for parts, name in _names(trade)
    ]
    return [word for _, word in sorted(keyed, key=lambda pair: pair[0])]


def _names(trade: Trade) -> Iterator[tuple[int, str]]:
    for thing in trade.goods:
        yield 1, thing.many
        yield from ((2, f"{kind} {thing.many}") for kind in trade.kinds)
        yield from ((2, f"{thing.one} {service}") for service in trade.services)
        for kind, service in product(trade.kinds, trade.services):
            yield 3, f"{kind} {thing.one} {service}"


def _mixed(ranked: Sequence[Word], trades: int) -> Iterator[Word]:
    """Now and then somebody mistypes a word there is, or writes another script."""
    random = Random(SEED)  # noqa: S311 - as above
    foreign = iter(read_words("words")["other_scripts"])
    for rank, word in enumerate(ranked, start=1):
        yield word
        if rank % FOREIGN_EVERY == 0 and (name := next(foreign, None)):
            yield Word(parse_tag(name), rank % trades)
        if rank % TYPO_EVERY == 0:
            yield _mistyped(ranked[random.randrange(rank)], random)


def _mistyped(word: Word, random: Random) -> Word:
    """Two letters swapped, or one left out or doubled."""
    name = word.name
    if len(name) < TYPO_LETTERS_MIN:
        return word
    place = random.randrange(1, len(name) - 2)
    before, one, two, after = name[:place], name[place], name[place + 1], name[place + 2 :]
    middle = random.choice((two + one, two, one + one + two))
    return Word(parse_tag(before + middle + after), word.trade)


def _distinct(words: Iterator[Word]) -> Iterator[Word]:
    seen: set[str] = set()
    for word in words:
        if word.name not in seen:
            seen.add(word.name)
            yield word
