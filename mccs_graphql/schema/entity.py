"""Entities, and what belongs to them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import strawberry

from mccs_graphql.db.models import Entity as EntityRow
from mccs_graphql.db.models import EntityStatus, TagKind
from mccs_graphql.db.models.entity import INC_TYPES
from mccs_graphql.db.queries.favorites import FavoriteKey
from mccs_graphql.db.queries.standings import At
from mccs_graphql.domain.access import (
    EVERYBODY,
    OVERSEE,
    READ,
    READ_IF_CHOSEN,
    READ_IF_TRADING,
)
from mccs_graphql.domain.ledger.statements import Period
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.quantities import BigInt
from mccs_graphql.domain.visibility import visible
from mccs_graphql.schema.access import access
from mccs_graphql.schema.account import Account
from mccs_graphql.schema.api_token import ApiToken
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.directory import Category, Tag
from mccs_graphql.schema.ids import IdPrefix, encode_id, id_of
from mccs_graphql.schema.match import MatchConnection, load_matches
from mccs_graphql.schema.member import Invitation, Member
from mccs_graphql.schema.nodes import Node
from mccs_graphql.schema.pages import After, Before, First, Last
from mccs_graphql.schema.statement import Statement, load_statement
from mccs_graphql.schema.transfer import TransferConnection, TransferFilterInput, load_transfers
from mccs_graphql.schema.webhook import Webhook

INC_TYPE = f"Its form of enterprise: {', '.join(INC_TYPES)}; or empty."


@strawberry.type(
    description="A listed business, organisation or person.", directives=[access(EVERYBODY)]
)
class Entity(Node):
    row: strawberry.Private[EntityRow]
    version: int = strawberry.field(
        description="Raised by each change to it, its offers and its wants; see `updateEntity`."
    )
    name: str = strawberry.field(description="The name it goes by.")
    status: EntityStatus = strawberry.field(description="How far it has come.")
    description: str = strawberry.field(description="What it does, in its own words.")
    website: str = strawberry.field(description="Its address on the web; may be empty.")
    inc_type: str = strawberry.field(description=INC_TYPE)
    company_number: str = strawberry.field(
        description="Its number in the public register; may be empty."
    )
    address: str = strawberry.field(description="House and street; may be empty.")
    city: str = strawberry.field(description="The town or village; may be empty.")
    region: str = strawberry.field(description="The region, county or state; may be empty.")
    postal_code: str = strawberry.field(description="The postal code; may be empty.")
    country: str = strawberry.field(description="The country; may be empty.")
    deleted_at: datetime | None = strawberry.field(
        description="Since when it is deleted, and nothing is left but its account and its "
        "transfers; null if it is not. Only admins see one that is."
    )

    @classmethod
    def of(cls, row: EntityRow) -> "Entity":
        """The row as clients see it."""
        return cls(
            id=encode_id(IdPrefix.ENTITY, row.id),
            row=row,
            version=row.version,
            name=row.name,
            status=row.status,
            description=row.description,
            website=row.website,
            inc_type=row.inc_type,
            company_number=row.company_number,
            address=row.address,
            city=row.city,
            region=row.region,
            postal_code=row.postal_code,
            country=row.country,
            deleted_at=row.deleted_at,
        )

    @strawberry.field(
        description="Where to write to; null unless you are a member, or it trades and so does an "
        "entity you act for.",
        directives=[access(READ_IF_TRADING)],
    )
    def email(self, info: Info) -> str | None:
        return visible(info.context.viewer, self.row, EntityRow.email)

    @strawberry.field(
        description="Its telephone number; null unless you are a member or it shows the number.",
        directives=[access(READ_IF_CHOSEN)],
    )
    def telephone(self, info: Info) -> str | None:
        return visible(info.context.viewer, self.row, EntityRow.telephone)

    @strawberry.field(
        description="A year's turnover in whole units of ordinary money, as it says itself; null "
        "if it does not say, or if you are not a member and it does not show its turnover.",
        directives=[access(READ_IF_CHOSEN)],
    )
    def declared_turnover(self, info: Info) -> BigInt | None:
        turnover = visible(info.context.viewer, self.row, EntityRow.declared_turnover)
        return None if turnover is None else BigInt(turnover)

    @strawberry.field(
        description="When it joined; null unless you are a member.", directives=[access(READ)]
    )
    def created_at(self, info: Info) -> datetime | None:
        return visible(info.context.viewer, self.row, EntityRow.created_at)

    @strawberry.field(
        description="Whether everybody may see its `telephone`; null unless you are a member.",
        directives=[access(READ)],
    )
    def show_telephone(self, info: Info) -> bool | None:
        return visible(info.context.viewer, self.row, EntityRow.show_telephone)

    @strawberry.field(
        description="Whether everybody may see its `declaredTurnover`; null unless you are a "
        "member.",
        directives=[access(READ)],
    )
    def show_declared_turnover(self, info: Info) -> bool | None:
        return visible(info.context.viewer, self.row, EntityRow.show_declared_turnover)

    @strawberry.field(
        description="Whether new matches are pointed out at log-in; null unless you are a member.",
        directives=[access(READ)],
    )
    def show_tags_matched_since_last_login(self, info: Info) -> bool | None:
        return visible(info.context.viewer, self.row, EntityRow.show_tags_matched_since_last_login)

    @strawberry.field(
        description="Whether new matches come by mail, daily; null unless you are a member.",
        directives=[access(READ)],
    )
    def receive_daily_match_notification_email(self, info: Info) -> bool | None:
        return visible(
            info.context.viewer, self.row, EntityRow.receive_daily_match_notification_email
        )

    @strawberry.field(description="What it offers, by name.")
    async def offers(self, info: Info) -> list[Tag] | None:
        return await self._tags(info, TagKind.OFFER)

    @strawberry.field(description="What it wants, by name.")
    async def wants(self, info: Info) -> list[Tag] | None:
        return await self._tags(info, TagKind.WANT)

    @strawberry.field(description="The headings it is filed under, by name.")
    async def categories(self, info: Info) -> list[Category] | None:
        return list(map(Category.of, await info.context.loaders.categories.load(self.row.id)))

    @strawberry.field(
        description="Its account; null unless you are a member of the entity.",
        directives=[access(READ)],
    )
    async def account(self, info: Info) -> Account | None:
        row = await info.context.loaders.accounts.load(self.row.id)
        return Account.of(row, unit=info.context.services.settings.unit) if row else None

    @strawberry.field(
        description="What its account held at a moment, before anything that was written at that "
        "very moment; one to come counts as now. Null unless you are a member of the entity.",
        directives=[access(READ)],
    )
    async def balance_at(
        self,
        info: Info,
        moment: Annotated[datetime, strawberry.argument(description="The moment.")],
    ) -> Money | None:
        standing = await info.context.loaders.standings.load(At(self.row.id, moment))
        return Money(standing.balance) if standing else None

    @strawberry.field(
        description="What became of its balance in a period; null unless you are a member of the "
        "entity.",
        directives=[access(READ)],
    )
    async def statement(
        self,
        info: Info,
        from_: Annotated[
            datetime, strawberry.argument(name="from", description="From this moment on.")
        ],
        to: Annotated[
            datetime,
            strawberry.argument(
                description="Up to this moment, which is not in it; one to come counts as now."
            ),
        ],
    ) -> Statement | None:
        return await load_statement(info, self.row.id, Period(from_, to))

    @strawberry.field(
        description="The users who belong to it, those who joined first first; 50 at most. Null "
        "unless you are a member of the entity.",
        directives=[access(READ)],
    )
    async def members(self, info: Info) -> list[Member] | None:
        rows = await info.context.loaders.members.load(self.row.id)
        return None if rows is None else list(map(Member.of, rows))

    @strawberry.field(
        description="Its open invitations, oldest first; 50 at most. Null unless you are an OWNER "
        "of the entity.",
        directives=[access(OVERSEE)],
    )
    async def invitations(self, info: Info) -> list[Invitation] | None:
        rows = await info.context.loaders.invitations.load(self.row.id)
        return None if rows is None else list(map(Invitation.of, rows))

    @strawberry.field(
        description="Its transfers, newest first; null unless you are a member of the entity.",
        directives=[access(READ)],
    )
    async def transfers(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
        filter: Annotated[
            TransferFilterInput | None, strawberry.argument(description="Only some of them.")
        ] = None,
    ) -> TransferConnection | None:
        return await load_transfers(
            info, self.row.id, filter, first=first, after=after, last=last, before=before
        )

    @strawberry.field(
        description="Listed entities that want what it offers or offer what it wants: first those "
        "that do both, then by how like the tags are. Null unless you are a member of the entity.",
        directives=[access(READ)],
    )
    async def matches(
        self,
        info: Info,
        since: Annotated[
            datetime | None,
            strawberry.argument(
                description="Only what is new: either side carries its tag since this moment."
            ),
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> MatchConnection | None:
        return await load_matches(
            info,
            self.row.id,
            since=since,
            list_name=f"matches:{since.astimezone(UTC).isoformat() if since else ''}",
            first=first,
            after=after,
            last=last,
            before=before,
        )

    @strawberry.field(
        description="Its matches that are new since you logged in the last time before this; all "
        "of them if there was no such time. Null unless you are a member of the entity and it "
        "wishes so by `showTagsMatchedSinceLastLogin`.",
        directives=[access(READ)],
    )
    async def matches_since_last_login(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> MatchConnection | None:
        viewer = info.context.viewer
        if viewer is None or not self.row.show_tags_matched_since_last_login:
            return None
        return await load_matches(
            info,
            self.row.id,
            since=viewer.user.previously_logged_in_at,
            list_name="matches since last log-in",
            first=first,
            after=after,
            last=last,
            before=before,
        )

    @strawberry.field(
        description="Whether an entity of yours keeps it as a favourite; null unless you are a "
        "member of that entity.",
        directives=[access(READ)],
    )
    async def is_favorite(
        self,
        info: Info,
        of: Annotated[strawberry.ID, strawberry.argument(description="The entity of yours.")],
    ) -> bool | None:
        key = FavoriteKey(of=id_of(IdPrefix.ENTITY, of), entity_id=self.row.id)
        return await info.context.loaders.favorites.load(key)

    @strawberry.field(
        description="The API tokens that act for it and are good, the newest first; 20 at most. "
        "Null unless you are an owner of the entity.",
        directives=[access(OVERSEE)],
    )
    async def api_tokens(self, info: Info) -> list[ApiToken] | None:
        rows = await info.context.loaders.api_tokens.load(self.row.id)
        return None if rows is None else list(map(ApiToken.of, rows))

    @strawberry.field(
        description="Where its events go, oldest first; 10 at most. Null unless you are an owner "
        "of the entity.",
        directives=[access(OVERSEE)],
    )
    async def webhooks(self, info: Info) -> list[Webhook] | None:
        rows = await info.context.loaders.webhooks.load(self.row.id)
        return None if rows is None else list(map(Webhook.of, rows))

    async def _tags(self, info: Info, kind: TagKind) -> list[Tag]:
        return list(map(Tag.of, await info.context.loaders.tags.load((self.row.id, kind))))


async def load_entity(info: Info, id_: UUID) -> Entity | None:
    """The entity, if there is one that the viewer may see."""
    row = await info.context.loaders.entities.load(id_)
    return Entity.of(row) if row else None
