"""What a webhook is sent: one message for each event, in JSON."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from uuid import UUID

import orjson

from mccs_graphql.db.models import EventKind, Transfer, Webhook
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.db.queries.webhooks import NextEvent
from mccs_graphql.domain.cursors import log_cursor
from mccs_graphql.domain.ids import IdPrefix, opaque
from mccs_graphql.domain.money import Money, format_money

PING, RESYNC = "webhook.ping", "resync.required"
TYPES = {
    EventKind.TRANSFER_PROPOSED: "transfer.proposed",
    EventKind.TRANSFER_COMPLETED: "transfer.completed",
    EventKind.TRANSFER_CANCELLED: "transfer.cancelled",
    EventKind.MATCH_FOUND: "match.found",
}
Format = Callable[[Money], str]


@dataclass(frozen=True)
class Message:
    """What is to arrive. ``id`` is the same at each attempt, and again when it is replayed.

    ``position`` is where the webhook stands once it has arrived; None for what is no event.
    """

    id: str
    type: str
    position: int | None
    timestamp: datetime
    data: Mapping[str, object]

    @property
    def body(self) -> bytes:
        """As it is sent, and signed."""
        said = {"type": self.type, "timestamp": _moment(self.timestamp), "data": self.data}
        return orjson.dumps(said)


def format_of(scale: int) -> Format:
    """Amounts as the API writes them."""
    return lambda amount: format_money(amount, scale=scale)


def ping(webhook: Webhook, ping_id: UUID, *, at: datetime) -> Message:
    """A trial; it says nothing."""
    return Message(f"evt_{_letters(ping_id)}", PING, None, at, _place(webhook, webhook.position))


def next_message(webhook: Webhook, found: NextEvent, amount: Format) -> Message | None:
    """What is to arrive next; None if what follows is not for this webhook.

    A match that is not listed any more is left out, as subscriptions do it.
    """
    forgotten = found.first is None or found.first != webhook.position + 1
    if webhook.position < found.end and forgotten:
        place = f"{_letters(webhook.entity_id)}_resync_{found.end}"
        data = _place(webhook, found.end)
        return Message(f"evt_{place}", RESYNC, found.end, datetime.now(UTC), data)
    event, about = found.event, _about(found, amount)
    if event is None or about is None:
        return None
    return Message(
        id=f"evt_{_letters(webhook.entity_id)}_{event.seq}",
        type=TYPES[event.kind],
        position=event.seq,
        timestamp=event.recorded_at,
        data=_place(webhook, event.seq) | {"occurredAt": _moment(event.recorded_at)} | about,
    )


def seen_by(found: NextEvent) -> int:
    """Where a webhook stands that nothing of it was for."""
    return found.event.seq if found.event else found.end


def _about(found: NextEvent, amount: Format) -> dict[str, object] | None:
    if found.transfer:
        return {"transfer": _transfer(found.transfer, amount)}
    if found.match and found.match.status in LISTED:
        return {"entity": _entity(found.match.id, found.match.name)}
    return None


def _place(webhook: Webhook, position: int) -> dict[str, object]:
    """Whose log it is, and where it stands after this."""
    own = webhook.entity_id
    return {"entityId": opaque(IdPrefix.ENTITY, own), "cursor": log_cursor(own, position)}


def _transfer(row: Transfer, amount: Format) -> dict[str, object]:
    """As it is by now, with the names and spellings of the API."""
    by_admin = row.admin_id is not None
    return {
        "id": opaque(IdPrefix.TRANSFER, row.id),
        "state": _name(row.state),
        "amount": amount(Money(row.amount)),
        "description": row.description,
        "payer": _entity(row.payer_id, row.payer_name),
        "payee": _entity(row.payee_id, row.payee_name),
        "initiatorId": None if by_admin else opaque(IdPrefix.ENTITY, row.initiator_id),
        "receiverId": None if by_admin else opaque(IdPrefix.ENTITY, row.receiver_id),
        "proposedAt": _moment(row.proposed_at),
        "decidedAt": _moment(row.decided_at) if row.decided_at else None,
        "cancelledBy": _name(row.cancelled_by),
        "cancellationReason": row.cancellation_reason,
        "systemReason": _name(row.system_reason),
        "adminReason": row.admin_reason,
        "reversesId": opaque(IdPrefix.TRANSFER, row.reverses_id) if row.reverses_id else None,
    }


def _entity(id_: UUID, name: str) -> dict[str, object]:
    return {"id": opaque(IdPrefix.ENTITY, id_), "name": name}


def _name(value: Enum | None) -> str | None:
    return value.name if value else None


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _letters(id_: UUID) -> str:
    return base64.urlsafe_b64encode(id_.bytes).rstrip(b"=").decode()
