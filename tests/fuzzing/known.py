"""What is known of the community: values to point at, learnt from what it answers."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from mccs_graphql.schema.ids import IdPrefix, decode_id, encode_id
from tests.clients import new_key
from tests.fuzzing.nasty import UNKNOWN_FIELD
from tests.fuzzing.values import SOON, Damage, Known, KnownId

KEPT = 40
"""Of each kind; what was learnt last is what still lives."""
KEPT_OWN = 12
NOT_LEARNT = {"token", "password"}
"""`token` is of a log-in in answers, and from a mail in inputs."""
PASSWORDS = ("correct-horse-9", "battery-staple-7", "planted-secret-1!")
PLAIN: dict[str, tuple[str | int, ...]] = {
    "password": PASSWORDS,
    "telephone": ("+44 20 7946 0958", "020 7946 0958", "07911 123456"),
    "website": ("https://shop.example/", "http://mill.example/a?b=c#d"),
    "url": ("http://127.0.0.1:9/hook", "http://localhost:9/?a=b"),
    "incType": ("ltd", "plc", "sole"),
    "companyNumber": ("01234567", ""),
    "postalCode": ("ES1 2AB", "12345"),
    "timeZone": ("Europe/Berlin", "Pacific/Auckland", "UTC"),
    "turnover": (0, 1, 10**15 - 1, 10**15),
    "offers": ("bread", "Organic Vegetables", "bicycle repair"),
    "wants": ("flour", "bread", "gardening"),
}
"""Values for arguments whose name ends so; others are learnt, or are any short text."""
ANY = ("Bread", "Eskerford", "A loaf, please.", "Ångström & Söhne", "x")


def in_a_month() -> str:
    """A moment that most things may last until."""
    return (datetime.now(UTC) + timedelta(days=30)).isoformat()


FRESH: dict[str, Callable[[], str]] = {
    "email": lambda: f"{uuid4().hex}@example.com",
    "key": new_key,
    SOON: in_a_month,
}
"""Values that are most of use when nobody has them yet, or that depend on the time of day."""
SHOWN_ONCE = {"recoveryCodes": ".code"}
"""What answers tell whoever asked, and under which name it goes into an input."""


def spread(turn: int, place: int) -> int:
    """Hypothesis likes to draw what it has drawn before; where it stands makes the difference."""
    return (turn * 40_503 + place * 2_654_435_761) % 2**32 >> 8


@dataclass
class Knowledge:
    """Ids by their kind, texts and numbers by the name they go by; the latest of each."""

    most: int = KEPT
    ids: dict[IdPrefix, deque[str]] = field(default_factory=dict)
    named: dict[str, deque[str | int]] = field(default_factory=dict)

    def learn(self, answer: Any) -> None:
        """Keep what an answer says."""
        for name, value in _leaves(answer):
            decoded = decode_id(value) if isinstance(value, str) else None
            if decoded:
                self._keep(self.ids, decoded[0], value)
            elif value != "" and name not in {*NOT_LEARNT, *SHOWN_ONCE}:
                self._keep(self.named, name, value)

    def learn_own(self, answer: Any) -> None:
        """Keep the versions and counts of an answer, not whose they are, and what is a secret."""
        for name, value in _leaves(answer):
            if isinstance(value, int) or name in SHOWN_ONCE:
                self._keep(self.named, SHOWN_ONCE.get(name, name), value)

    def plant(self, name: str, *values: str | int) -> None:
        """Keep values that no answer says."""
        for value in values:
            self._keep(self.named, name, value)

    def forget(self, name: str) -> None:
        """Of what goes by this name nothing is good any more."""
        self.named.pop(name, None)

    def _keep(self, kept: dict[Any, deque[Any]], kind: Any, value: Any) -> None:
        values = kept.setdefault(kind, deque(maxlen=self.most))
        if value not in values:
            values.append(value)

    def called(self, name: str) -> list[str | int]:
        """The values for an argument: those of its name, or of the longest end of it."""
        ends = [known for known in self.named if name.lower().endswith(known.lower())]
        return list(self.named[max(ends, key=len)]) if ends else []


class Choice:
    """Puts values of the community into a call, as one of its members would know them."""

    def __init__(self, everything: Knowledge, own: Knowledge, places: Iterator[int]) -> None:
        self._all = everything
        self._own = own
        self._places = places

    def put_into(self, value: Any) -> Any:
        """The value with all that it points at."""
        match value:
            case dict():
                return {name: self.put_into(inner) for name, inner in value.items()}
            case list():
                return [self.put_into(inner) for inner in value]
            case KnownId():
                return self._id(value)
            case Known():
                return self._named(value.name, value.turn)
        return value

    def _id(self, wanted: KnownId) -> str | int:
        """Mostly one's own where that is wanted, else half are; one in sixteen is nearly an id."""
        turn, way = divmod(spread(wanted.turn, next(self._places)), 16)
        kinds = wanted.kinds or tuple(IdPrefix)
        kind = kinds[turn % len(kinds)]
        own, everybodys = self._own.ids.get(kind), self._all.ids.get(kind)
        found = (own if way < (14 if wanted.is_own else 7) and own else everybodys) or [
            encode_id(kind, uuid4())
        ]
        id_ = found[turn // len(kinds) % len(found)]
        return _nearly(id_, turn) if way == 15 else id_

    def _named(self, name: str, turn: int) -> str | int:
        """Mostly what is for this very argument; one in eight is for others of its name."""
        turn, way = divmod(spread(turn, next(self._places)), 4)
        if turn % 8 == 0:
            name = name.rpartition(".")[2]
        fresh = next((make for end, make in FRESH.items() if name.lower().endswith(end)), None)
        if fresh and way:
            made = fresh()
            self._all.plant(next(end for end in FRESH if name.lower().endswith(end)), made)
            return made
        own, everybodys = self._own.called(name), self._all.called(name)
        found = (own if turn % 2 else everybodys) or everybodys or list(ANY)
        value = found[turn // 2 % len(found)]
        return value + turn % 3 - 1 if isinstance(value, int) and not way else value


def _nearly(id_: str, turn: int) -> str | int:
    prefix, _, letters = id_.partition("_")
    other = list(IdPrefix)[turn % len(IdPrefix)]
    return (
        encode_id(IdPrefix(prefix), uuid4()),
        f"{other}_{letters}",
        id_[:-1],
        f"{id_}A",
        f"{id_}\0",
        id_.upper(),
        f" {id_}",
        letters,
        "",
        turn,
        f"{prefix}_{'A' * 22}",
    )[turn % 11]


def damaged(values: dict[str, Any], damage: Damage) -> dict[str, Any]:
    """The arguments with one place changed, taken away, or added."""
    places = list(_places(values))
    holder, name = places[damage.turn % len(places)]
    way = damage.turn // len(places) % 8
    if way == 0 and isinstance(holder, dict):
        del holder[name]
    elif way == 1 and isinstance(holder[name], dict):
        holder[name] = {**holder[name], UNKNOWN_FIELD: damage.value}
    else:
        holder[name] = damage.value
    return values


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for name, held in inner:
        yield value, name
        if isinstance(held, dict | list):
            yield from _places(held)


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str | int]]:
    if isinstance(value, dict):
        for inner_name, inner in value.items():
            yield from _leaves(inner, inner_name)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield name, value
