"""Drawing as chance would have it: a few things often, most of them hardly ever."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

SEED = 7
"""Every community of one size is the same."""

T = TypeVar("T")


class Urn(Generic[T]):
    """Draws items by their weights, and puts them back."""

    def __init__(self, items: Sequence[T], weights: Iterable[float]) -> None:
        self.items = items
        self._sums = list(accumulate(weights))

    def draw(self, random: Random, count: int) -> list[T]:
        return random.choices(self.items, cum_weights=self._sums, k=count)

    def one(self, random: Random) -> T:
        """The same for one, in a fifth of the time."""
        sums = self._sums
        return self.items[bisect(sums, random.random() * sums[-1], 0, len(sums) - 1)]


def zipf(count: int, *, shift: float) -> list[float]:
    """Weights after Zipf and Mandelbrot: the higher the ``shift``, the less the first stand out."""
    return [1 / (rank + shift) for rank in range(1, count + 1)]


def fading(weights: Sequence[float]) -> list[float]:
    """The same, but the last are as good as never drawn: words that came up lately."""
    return [
        weight * (1 - rank / (len(weights) + 1)) ** 2
        for rank, weight in enumerate(weights, start=1)
    ]


def zipf_urn(items: Sequence[T], *, shift: float) -> Urn[T]:
    """Draws the first items most often."""
    return Urn(items, zipf(len(items), shift=shift))
