"""The audit trail, as admins read it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import strawberry

from mccs_graphql.db.models import ActorKind, AuditOutcome
from mccs_graphql.db.models import AuditEntry as AuditEntryRow
from mccs_graphql.db.models.audit import ACTION_MAX
from mccs_graphql.db.queries.audit_search import COUNTED_MAX, AuditFilter, count_entries
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.domain import text
from mccs_graphql.domain.access import HOLDER, INSPECT
from mccs_graphql.domain.audit.changes import ChangeKind
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.quantities import BigInt
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.ids import NOBODY, IdPrefix, decode_id, encode_id, id_of
from mccs_graphql.schema.pages import PageInfo, page_info

CURSOR = "audit"
CURSOR_READERS = (cursors.moment, cursors.identity)
FIELD_MAX = 200


@strawberry.type(description="Who did something.", directives=[access(INSPECT)])
class AuditActor:
    kind: ActorKind = strawberry.field(description="What kind of one it was.")
    user_id: strawberry.ID | None = strawberry.field(
        description="The user, if somebody was logged in; also of an API token the one it is of."
    )
    token_id: UUID | None = strawberry.field(description="The API token, if it was one.")


@strawberry.type(description="A field of a record, before and after.", directives=[access(INSPECT)])
class AuditField:
    name: str = strawberry.field(description="Its name, such as `name` or `maxNegativeBalance`.")
    before: str | None = strawberry.field(
        description="The value before, as JSON; null if there was none. Secrets are not shown."
    )
    after: str | None = strawberry.field(description="The value after, as JSON; null if none.")


@strawberry.type(description="What became of one record.", directives=[access(INSPECT)])
class AuditChange:
    record: str = strawberry.field(description="What kind of record, such as `Entity`.")
    id: str = strawberry.field(description="Which one; mostly a UUID.")
    what: ChangeKind = strawberry.field(description="What became of it.")
    fields: list[AuditField] = strawberry.field(description="What is another value now.")


@strawberry.type(
    description="What somebody did, or tried to do: recorded together with it, and sealed so that "
    "nobody can change it unnoticed.",
    directives=[access(INSPECT)],
)
class AuditEntry:
    id: UUID = strawberry.field(description="As the export and `mccs check-books` name it.")
    recorded_at: datetime = strawberry.field(description="When it was done.")
    action: str = strawberry.field(
        description="The mutation, such as `acceptTransfer`, or what the system did."
    )
    outcome: AuditOutcome = strawberry.field(description="What came of it.")
    refusal: str | None = strawberry.field(description="Why it was refused: the code.")
    actor: AuditActor = strawberry.field(description="Who did it.")
    subjects: list[UUID] = strawberry.field(
        description="Everything that it is about, by ids in their plain form."
    )
    changes: list[AuditChange] | None = strawberry.field(
        description="What it changed; null if that was erased."
    )
    address: str | None = strawberry.field(
        description="The network address; null if it was erased."
    )
    reason: str | None = strawberry.field(description="The reason given, in the actor's words.")
    reference: str = strawberry.field(
        description="The request: `extensions.request` of its answer, and of lines in the log."
    )
    sealed: BigInt | None = strawberry.field(
        description="Its number in the chain; null until it is sealed, some seconds later."
    )
    erased: bool = strawberry.field(
        description="Whether address, reason and changes were erased, as the law may ask."
    )

    @classmethod
    def of(cls, row: AuditEntryRow) -> "AuditEntry":
        """The row as admins see it."""
        details = row.details
        user_id = None if row.actor_id is None else encode_id(IdPrefix.USER, row.actor_id)
        return cls(
            id=row.id,
            recorded_at=row.recorded_at,
            action=row.action,
            outcome=row.outcome,
            refusal=row.refusal,
            actor=AuditActor(kind=row.actor_kind, user_id=user_id, token_id=row.token_id),
            subjects=row.subjects,
            changes=None if details is None else [_change(each) for each in details["changes"]],
            address=None if details is None else details["address"],
            reason=None if details is None else details["reason"],
            reference=row.reference,
            sealed=None if row.sealed_seq is None else BigInt(row.sealed_seq),
            erased=details is None,
        )


@strawberry.type(description="An entry in a list.", directives=[access(HOLDER)])
class AuditEntryEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: AuditEntry = strawberry.field(description="The entry.")


@strawberry.type(description="A page of the audit trail.", directives=[access(HOLDER)])
class AuditEntryConnection:
    wanted: strawberry.Private[AuditFilter]
    edges: list[AuditEntryEdge] = strawberry.field(description="The entries with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entries alone.")
    def nodes(self) -> list[AuditEntry]:
        return [edge.node for edge in self.edges]

    @strawberry.field(
        description="How many there are on all pages; counted when asked for, and null if they "
        f"are more than {COUNTED_MAX:,}."
    )
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_entries(session, self.wanted)

    @classmethod
    def of(cls, page: Page[AuditEntryRow], wanted: AuditFilter) -> "AuditEntryConnection":
        """The page as admins see it."""
        edges = [
            AuditEntryEdge(
                cursor=cursors.encode_cursor(CURSOR, row.recorded_at, row.id),
                node=AuditEntry.of(row),
            )
            for row in page.rows
        ]
        info = page_info(page, edge_cursors=[edge.cursor for edge in edges])
        return cls(wanted=wanted, edges=edges, page_info=info)


@strawberry.input(
    description="Which entries; all that is said has to hold, what is not said does not matter."
)
class AuditFilterInput:
    actor: strawberry.ID | None = strawberry.field(
        default=None, description="Only what this user did."
    )
    subject: strawberry.ID | None = strawberry.field(
        default=None,
        description="Only what is about this: any id, of an entity, a user, a transfer and so on, "
        "or one in its plain form.",
    )
    action: str | None = strawberry.field(
        default=None, description="Only this mutation or deed, such as `acceptTransfer`."
    )
    field: str | None = strawberry.field(
        default=None, description="Only where this was changed, such as `Entity.name`."
    )
    outcome: AuditOutcome | None = strawberry.field(
        default=None, description="Only what was done, or only what was refused."
    )
    actor_kind: ActorKind | None = strawberry.field(
        default=None, description="Only what such a one did."
    )
    from_: datetime | None = strawberry.field(
        name="from", default=None, description="Only what was done at this moment or later."
    )
    to: datetime | None = strawberry.field(
        default=None, description="Only what was done before this moment."
    )

    def to_filter(self) -> AuditFilter:
        """What to look for. Raises InvalidInput."""
        text.require(self._problems())
        return AuditFilter(
            actor_id=None if self.actor is None else id_of(IdPrefix.USER, self.actor),
            subject_id=None if self.subject is None else any_id(self.subject),
            action=self.action,
            field=self.field,
            outcome=self.outcome,
            actor_kind=self.actor_kind,
            since=self.from_,
            until=self.to,
        )

    def _problems(self) -> Iterator[Problem]:
        yield from text.problems_of("action", self.action or "", most=ACTION_MAX)
        yield from text.problems_of("field", self.field or "", most=FIELD_MAX)


def any_id(given: str) -> UUID:
    """The UUID of any id of ours, or in its plain form; NOBODY for anything else."""
    if decoded := decode_id(given):
        return decoded[1]
    try:
        return UUID(given)
    except ValueError:
        return NOBODY


def _change(said: dict[str, Any]) -> AuditChange:
    fields = [
        AuditField(name=name, before=_json(before), after=_json(after))
        for name, (before, after) in sorted(said["fields"].items())
    ]
    return AuditChange(
        record=said["record"], id=said["id"], what=ChangeKind(said["what"]), fields=fields
    )


def _json(value: object) -> str | None:
    return None if value is None else orjson.dumps(value).decode()
