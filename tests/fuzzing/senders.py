"""Who sends calls: members of every standing and role, software, admins, and strangers."""

from collections import deque
from dataclasses import dataclass, field
from uuid import UUID

from mccs_graphql.db.models import AdminRole, EntityStatus, Role
from tests.fuzzing.known import KEPT_OWN, Knowledge
from tests.fuzzing.values import Call

STANDINGS = {
    "ana": (EntityStatus.TRADING_ACCEPTED, 100_000),
    "ben": (EntityStatus.TRADING_ACCEPTED, 500),
    "eve": (EntityStatus.TRADING_ACCEPTED, 2_000),
    "cy": (EntityStatus.ACCEPTED, 500),
    "dee": (EntityStatus.PENDING, 500),
    "fay": (EntityStatus.TRADING_REJECTED, 500),
}
"""Each entity's status, and how far its balance goes either way, in the smallest unit."""
ROLES_AT_ANAS = {
    "eve": Role.OWNER,
    "tom": Role.TRADER,
    "edie": Role.EDITOR,
    "vic": Role.VIEWER,
}
"""Who else belongs to the entity of ana; all but eve belong to no other."""
ADMIN_ROLES = {"boss": AdminRole.OWNER, "warden": AdminRole.ADMIN, "clerk": AdminRole.AUDITOR}
TURNS_TO_SEND = (
    *("ana", "ana", "ana", "ana", "ana", "ben", "ben", "ben", "ben", "eve", "eve", "eve"),
    *("ana", "eve", "eve", "cy", "cy", "cy", "dee", "fay", "tom", "tom", "edie", "vic"),
    *("robot", "robot", "boss", "boss", "boss", "boss", "boss", "warden", "warden", "clerk"),
    *("visitor", "visitor", "dead", "nonsense"),
)


@dataclass
class Sender:
    """Somebody with a token, good or not; who has a user logs in anew when a session ends."""

    token: str | None
    user_id: UUID | None = None
    entity_id: UUID | None = None
    waiting: deque[Call] = field(default_factory=deque)
    own: Knowledge = field(default_factory=lambda: Knowledge(KEPT_OWN))
