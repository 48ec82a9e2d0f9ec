"""What admins look for in a community."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from mccs_graphql.schema.ids import IdPrefix, encode_id

_FIELDS = {
    "allEntities": "id name status account { balance }",
    "users": "id email entities { name }",
    "allTransfers": "id state amount payerName payeeName",
    "auditEntries": "id action outcome",
}
_TYPES = {
    "allEntities": ("AllEntitiesFilterInput", "EntitySortInput"),
    "users": ("UserFilterInput", "UserSortInput"),
    "allTransfers": ("AllTransfersFilterInput", "TransferOrder!"),
    "auditEntries": ("AuditFilterInput", ""),
}


@dataclass(frozen=True)
class Known:
    """What there is to look for: somebody in the middle, a common tag, a large town, a day."""

    entity: str
    user: str
    tag: str
    rare_tag: str
    city: str
    day: tuple[str, str]


Filter = Callable[[Known], dict[str, object]]


@dataclass(frozen=True)
class Look:
    """A search as an admin asks for it, in any community."""

    search: str
    what: str
    filter: Filter
    order: Any = None

    @property
    def document(self) -> str:
        """The query; of its variables, ``after`` and ``first`` say which page."""
        filter_type, order_type = _TYPES[self.search]
        declared = f", $orderBy: {order_type}" if self.order else ""
        given = ", orderBy: $orderBy" if self.order else ""
        return (
            f"query Look($filter: {filter_type}{declared}, $after: String, $first: Int) {{"
            f" {self.search}(filter: $filter{given}, after: $after, first: $first) {{"
            f" nodes {{ {_FIELDS[self.search]} }} pageInfo {{ hasNextPage endCursor }} }} }}"
        )

    def variables(self, known: Known) -> dict[str, object]:
        """The others."""
        order = {"orderBy": self.order} if self.order else {}
        return {"filter": self.filter(known), **order}

    def __str__(self) -> str:
        by = self.order["by"] if isinstance(self.order, dict) else self.order
        return f"{self.search}, {self.what}" + (f", by {by.lower()}" if by else "")


async def read_known(dsn: str) -> Known:
    """Read it from the database itself."""
    connection = await asyncpg.connect(dsn)
    try:
        tags = await connection.fetch(
            "SELECT name FROM tags JOIN listing_counts ON subject_id = tags.id"
            " WHERE kind = 'offer' GROUP BY tags.id ORDER BY sum(entities) DESC, name"
        )
        city = await connection.fetchval(
            "SELECT city FROM entities GROUP BY 1 ORDER BY count(*) DESC LIMIT 1"
        )
        entity, user, at = await connection.fetchrow(
            "SELECT entity_id, user_id, (SELECT min(proposed_at) + (max(proposed_at)"
            " - min(proposed_at)) / 2 FROM transfers) FROM memberships ORDER BY 1 LIMIT 1"
        )
    finally:
        await connection.close()
    return Known(
        entity=encode_id(IdPrefix.ENTITY, entity),
        user=encode_id(IdPrefix.USER, user),
        tag=tags[0][0].replace("-", " "),
        rare_tag=tags[len(tags) * 4 // 5][0].replace("-", " "),
        city=city,
        day=_day(at),
    )


def _day(at: datetime) -> tuple[str, str]:
    return at.isoformat(), (at + timedelta(days=1)).isoformat()


def _always(**conditions: object) -> Filter:
    return lambda _known: conditions


def _sorted(by: str, *, descending: bool = False) -> dict[str, object]:
    return {"by": by, "descending": descending}


def _each(search: str, filters: dict[str, Filter], orders: Sequence[Any]) -> Iterator[Look]:
    for what, conditions in filters.items():
        for order in orders:
            yield Look(search, what, conditions, order)


_ENTITIES: dict[str, Filter] = {
    "all": _always(),
    "name": _always(name="bakery"),
    "email": _always(email="member1"),
    "status": _always(status=["PENDING"]),
    "several statuses": _always(status=["ACCEPTED", "TRADING_PENDING"]),
    "common tag": lambda known: {"offers": [known.tag]},
    "rare tag": lambda known: {"offers": [known.rare_tag]},
    "town": lambda known: {"city": known.city},
    "tag and status": lambda known: {"offers": [known.tag], "status": ["PENDING"]},
    "balance": _always(balanceMin="0.00", balanceMax="1.00"),
    "limits": _always(maxNegativeBalanceMin="1.00"),
    "joined lately": _always(createdFrom="2026-06-01T00:00:00Z"),
    "turnover": _always(declaredTurnoverMin=1000, declaredTurnoverMax=100000),
}
_USERS: dict[str, Filter] = {
    "all": _always(),
    "name": _always(name="ann"),
    "email": _always(email="member1"),
    "entity": lambda known: {"entityId": known.entity},
    "second factor": _always(secondFactor=True),
    "joined lately": _always(createdFrom="2026-06-01T00:00:00Z"),
}
_TRANSFERS: dict[str, Filter] = {
    "all": _always(),
    "open": _always(status=["INITIATED"]),
    "cancelled": _always(status=["CANCELLED"]),
    "cancelled by admins": _always(cancelledBy=["ADMIN"]),
    "made by admins": _always(byAdmin=True),
    "reversed": _always(reversed=True),
    "entity": lambda known: {"entity": known.entity},
    "initiator": lambda known: {"initiator": known.entity},
    "amounts": _always(amountMin="50.00", amountMax="50.10"),
    "a day": lambda known: {"from": known.day[0], "to": known.day[1]},
    "word": _always(text="bread"),
    "rare word": _always(text="unicorn"),
    "word, cancelled": _always(text="bread", status=["CANCELLED"]),
    "cancelled, large": _always(status=["CANCELLED"], amountMin="999.00"),
}
_AUDIT: dict[str, Filter] = {
    "all": _always(),
    "actor": lambda known: {"actor": known.user},
    "subject": lambda known: {"subject": known.entity},
    "action": _always(action="updateEntity"),
    "field": _always(field="state"),
    "refused": _always(outcome="REFUSED"),
    "admins": _always(actorKind="ADMIN"),
    "a day": lambda known: {"from": known.day[0], "to": known.day[1]},
    "action, refused": _always(action="logIn", outcome="REFUSED"),
}

LOOKS = (
    *_each("allEntities", _ENTITIES, (_sorted("NAME"), _sorted("BALANCE"), _sorted("CREATED"))),
    *_each("users", _USERS, (_sorted("NAME"), _sorted("LAST_SEEN", descending=True))),
    *_each("allTransfers", _TRANSFERS, ("NEWEST", "DECIDED_FIRST", "LARGEST")),
    *_each("auditEntries", _AUDIT, (None,)),
)
