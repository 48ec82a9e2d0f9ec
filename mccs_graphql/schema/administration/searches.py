"""All entities and all users: which of them, in which order, page by page."""

from datetime import datetime
from hashlib import blake2b

import strawberry

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.db.models.user import EMAIL_MAX
from mccs_graphql.db.queries.all_entities import (
    EntityConditions,
    EntitySortKey,
    FoundEntity,
    Range,
    count_entities,
)
from mccs_graphql.db.queries.all_users import (
    FoundUser,
    UserConditions,
    UserSortKey,
    count_users,
)
from mccs_graphql.db.queries.keyset import Page
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration.searching import EntitiesWanted, Order
from mccs_graphql.domain.directory.wanted import PHRASES_MAX
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.quantities import BigInt
from mccs_graphql.schema import cursors
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.entity import Entity
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.pages import PageInfo, page_info
from mccs_graphql.schema.user import User

_LEAST, _MOST = "Only from this on.", "Only up to this."
_PLACE = "Only there; letter case and accents do not count."
_EMAIL = (
    f"The address, or how it begins, at most {EMAIL_MAX} characters; letter case does not count."
)
_DESCENDING = "The other way round."


@strawberry.input(
    description="Which of all entities; all that is said has to hold, what is not said does not "
    "matter."
)
class AllEntitiesFilterInput:
    name: str | None = strawberry.field(
        default=None,
        description="Words of the name: the same, ones that begin so or have it inside, or ones "
        "that differ by a slip of the pen.",
    )
    email: str | None = strawberry.field(default=None, description=_EMAIL)
    status: list[EntityStatus] | None = strawberry.field(
        default=None, description="Only these statuses."
    )
    balance_min: Money | None = strawberry.field(default=None, description=_LEAST)
    balance_max: Money | None = strawberry.field(default=None, description=_MOST)
    max_negative_balance_min: Money | None = strawberry.field(default=None, description=_LEAST)
    max_negative_balance_max: Money | None = strawberry.field(default=None, description=_MOST)
    max_positive_balance_min: Money | None = strawberry.field(default=None, description=_LEAST)
    max_positive_balance_max: Money | None = strawberry.field(default=None, description=_MOST)
    declared_turnover_min: BigInt | None = strawberry.field(default=None, description=_LEAST)
    declared_turnover_max: BigInt | None = strawberry.field(default=None, description=_MOST)
    created_from: datetime | None = strawberry.field(
        default=None, description="Only those that joined at this moment or later."
    )
    created_until: datetime | None = strawberry.field(
        default=None, description="Only those that joined before this moment."
    )
    offers: list[str] | None = strawberry.field(
        default=None, description=f"They offer one of these tags; at most {PHRASES_MAX}."
    )
    wants: list[str] | None = strawberry.field(
        default=None, description=f"They want one of these tags; at most {PHRASES_MAX}."
    )
    category: str | None = strawberry.field(
        default=None, description="Only those under the heading with this `slug`."
    )
    city: str | None = strawberry.field(default=None, description=_PLACE)
    region: str | None = strawberry.field(default=None, description=_PLACE)
    country: str | None = strawberry.field(default=None, description=_PLACE)
    deleted: bool = strawberry.field(
        default=False, description="Those that are deleted, instead of those that are not."
    )

    def to_wanted(self) -> EntitiesWanted:
        """As the domain takes it."""
        named = (("city", self.city), ("region", self.region), ("country", self.country))
        given = EntityConditions(
            email_prefix=self.email or "",
            statuses=tuple(dict.fromkeys(self.status or ())),
            balance=Range(self.balance_min, self.balance_max),
            max_negative_balance=Range(
                self.max_negative_balance_min, self.max_negative_balance_max
            ),
            max_positive_balance=Range(
                self.max_positive_balance_min, self.max_positive_balance_max
            ),
            declared_turnover=Range(self.declared_turnover_min, self.declared_turnover_max),
            created_from=self.created_from,
            created_until=self.created_until,
            offers=tuple(self.offers or ()),
            wants=tuple(self.wants or ()),
            category=self.category,
            places=tuple((kind, place) for kind, place in named if place),
            deleted=self.deleted,
        )
        return EntitiesWanted(name=self.name or "", given=given)


@strawberry.input(description="How all entities are sorted.")
class EntitySortInput:
    by: EntitySortKey = strawberry.field(
        default=EntitySortKey.NAME, description="What they are sorted by."
    )
    descending: bool = strawberry.field(default=False, description=_DESCENDING)

    def to_order(self) -> Order[EntitySortKey]:
        """As the domain takes it."""
        return Order(self.by, descending=self.descending)


@strawberry.input(
    description="Which users; all that is said has to hold, what is not said does not matter."
)
class UserFilterInput:
    name: str | None = strawberry.field(
        default=None,
        description="Words with which the first name or the last name begins, or a word of them; "
        "of long words ten letters count.",
    )
    email: str | None = strawberry.field(default=None, description=_EMAIL)
    entity_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only those who belong to this entity."
    )
    second_factor: bool | None = strawberry.field(
        default=None,
        description="Only those who have a second factor, or only those who have none.",
    )
    created_from: datetime | None = strawberry.field(
        default=None, description="Only those who signed up at this moment or later."
    )
    created_until: datetime | None = strawberry.field(
        default=None, description="Only those who signed up before this moment."
    )
    last_seen_from: datetime | None = strawberry.field(
        default=None, description="Only those who logged in, or signed up, at this moment or later."
    )
    last_seen_until: datetime | None = strawberry.field(
        default=None,
        description="Only those who neither logged in nor signed up since this moment.",
    )
    deleted: bool = strawberry.field(
        default=False, description="Those who are deleted, instead of those who are not."
    )

    def to_conditions(self) -> UserConditions:
        """As the domain takes it."""
        return UserConditions(
            name=self.name or "",
            email_prefix=self.email or "",
            entity_id=id_of(IdPrefix.ENTITY, self.entity_id) if self.entity_id else None,
            second_factor=self.second_factor,
            created_from=self.created_from,
            created_until=self.created_until,
            seen_from=self.last_seen_from,
            seen_until=self.last_seen_until,
            deleted=self.deleted,
        )


@strawberry.input(description="How users are sorted.")
class UserSortInput:
    by: UserSortKey = strawberry.field(
        default=UserSortKey.NAME, description="What they are sorted by."
    )
    descending: bool = strawberry.field(default=False, description=_DESCENDING)

    def to_order(self) -> Order[UserSortKey]:
        """As the domain takes it."""
        return Order(self.by, descending=self.descending)


@strawberry.type(description="An entity in a list of all.", directives=[access(HOLDER)])
class AllEntitiesEdge:
    cursor: str = strawberry.field(description="Its position, to go on from.")
    node: Entity = strawberry.field(description="The entity.")


@strawberry.type(description="A page of all entities.", directives=[access(HOLDER)])
class AllEntitiesConnection:
    conditions: strawberry.Private[EntityConditions]
    edges: list[AllEntitiesEdge] = strawberry.field(description="The entities and positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The entities alone.")
    def nodes(self) -> list[Entity]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_entities(session, self.conditions)

    @classmethod
    def of(
        cls, page: Page[FoundEntity], conditions: EntityConditions, *, kind: str
    ) -> "AllEntitiesConnection":
        """The page as clients see it, with cursors of this kind."""
        edges = [
            AllEntitiesEdge(
                cursor=cursors.encode_cursor(kind, found.key, found.entity.id),
                node=Entity.of(found.entity),
            )
            for found in page.rows
        ]
        info = page_info(page, edge_cursors=[edge.cursor for edge in edges])
        return cls(conditions=conditions, edges=edges, page_info=info)


@strawberry.type(description="A user in a list.", directives=[access(HOLDER)])
class UserEdge:
    cursor: str = strawberry.field(description="Their position, to go on from.")
    node: User = strawberry.field(description="The user.")


@strawberry.type(description="A page of users.", directives=[access(HOLDER)])
class UserConnection:
    conditions: strawberry.Private[UserConditions]
    edges: list[UserEdge] = strawberry.field(description="The users with their positions.")
    page_info: PageInfo = strawberry.field(description="Where the page lies in the list.")

    @strawberry.field(description="The users alone.")
    def nodes(self) -> list[User]:
        return [edge.node for edge in self.edges]

    @strawberry.field(description="How many there are on all pages; counted when asked for.")
    async def total_count(self, info: Info) -> int | None:
        async with info.context.database.reading() as session:
            return await count_users(session, self.conditions)

    @classmethod
    def of(
        cls, page: Page[FoundUser], conditions: UserConditions, *, kind: str
    ) -> "UserConnection":
        """The page as clients see it, with cursors of this kind."""
        edges = [
            UserEdge(
                cursor=cursors.encode_cursor(kind, found.key, found.user.id),
                node=User.of(found.user),
            )
            for found in page.rows
        ]
        info = page_info(page, edge_cursors=[edge.cursor for edge in edges])
        return cls(conditions=conditions, edges=edges, page_info=info)


def cursor_kind(name: str, wanted: object, order: object) -> str:
    """What cursors of this search are marked with: they are positions in no other list."""
    return f"{name}:{blake2b(repr((wanted, order)).encode(), digest_size=8).hexdigest()}"


_MOMENTS = {EntitySortKey.CREATED, UserSortKey.CREATED, UserSortKey.LAST_SEEN}
_TEXTS = {EntitySortKey.NAME, EntitySortKey.STATUS, UserSortKey.NAME, UserSortKey.EMAIL}


def cursor_readers(by: EntitySortKey | UserSortKey) -> tuple[cursors.Reader, ...]:
    """How the positions of this search are read."""
    if by in _MOMENTS:
        return cursors.moment, cursors.identity
    return (cursors.text if by in _TEXTS else cursors.number), cursors.identity
