"""Batched reads that know who asks. Each batch opens its own session; none remembers a row.

What the viewer may not see is loaded as None, the same as what does not exist.
"""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    ApiToken,
    Category,
    Entity,
    Invitation,
    Membership,
    Posting,
    TagKind,
    Transfer,
    User,
    Webhook,
    WebhookAttempt,
)
from mccs_graphql.db.queries import (
    api_tokens,
    categories,
    entities,
    favorites,
    invitations,
    members,
    standings,
    tags,
    transfers,
    users,
    webhooks,
)
from mccs_graphql.db.queries.counts import Subject, counts_of
from mccs_graphql.db.queries.favorites import FavoriteKey
from mccs_graphql.db.queries.keyset import Page, Window
from mccs_graphql.db.queries.members import Member
from mccs_graphql.db.queries.reversals import postings_of, reversals_of
from mccs_graphql.db.queries.standings import At, Standing
from mccs_graphql.db.queries.tags import CarriedTag
from mccs_graphql.db.queries.transfers import TransferFilter
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.visibility import (
    may_see_api_tokens,
    may_see_books,
    may_see_entity,
    may_see_favorites,
    may_see_invitations,
    may_see_members,
    may_see_transfer,
    may_see_user,
    may_see_webhooks,
)

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")
Found = TypeVar("Found")
Read = Callable[[AsyncSession, Sequence[Key]], Awaitable[Found]]


@dataclass(frozen=True)
class TransfersKey:
    """Which page of whose transfers."""

    entity_id: UUID
    wanted: TransferFilter
    window: Window


class Loaders:
    """One loader for each kind of thing that is reached from another."""

    def __init__(self, database: Database, viewer: Viewer | None) -> None:
        self._database = database
        self._viewer = viewer
        self.entities: DataLoader[UUID, Entity | None] = _batch(self._entities)
        self.users: DataLoader[UUID, User | None] = _batch(self._users)
        self.entity_ids: DataLoader[UUID, list[UUID]] = _batch(self._entity_ids)
        self.transfers: DataLoader[UUID, Transfer | None] = _batch(self._transfers)
        self.accounts: DataLoader[UUID, Account | None] = _batch(self._accounts)
        self.standings: DataLoader[At, Standing | None] = _batch(self._standings)
        self.tags: DataLoader[tuple[UUID, TagKind], list[CarriedTag]] = _batch(self._tags)
        self.terms: DataLoader[UUID, frozenset[str]] = _batch(self._terms)
        self.counts: DataLoader[Subject, int] = _batch(self._counts)
        self.category: DataLoader[UUID, Category | None] = _batch(self._category)
        self.categories: DataLoader[UUID, list[Category]] = _batch(self._categories)
        self.favorites: DataLoader[FavoriteKey, bool | None] = _batch(self._favorites)
        self.memberships: DataLoader[UUID, list[Membership]] = _batch(self._memberships)
        self.members: DataLoader[UUID, list[Member] | None] = _batch(self._members)
        self.invitations: DataLoader[UUID, list[Invitation] | None] = _batch(self._invitations)
        self.api_tokens: DataLoader[UUID, list[ApiToken] | None] = _batch(self._api_tokens)
        self.webhooks: DataLoader[UUID, list[Webhook] | None] = _batch(self._webhooks)
        self.webhook_attempts: DataLoader[UUID, list[WebhookAttempt]] = _batch(self._attempts)
        self.postings: DataLoader[UUID, list[Posting]] = _batch(self._postings)
        self.reversals: DataLoader[UUID, Transfer | None] = _batch(self._reversals)
        self.people: DataLoader[UUID, User | None] = _batch(self._people)
        self.transfer_pages: DataLoader[TransfersKey, Page[Transfer] | None] = _batch(self._pages)

    async def _entities(self, ids: list[UUID]) -> list[Entity | None]:
        found = await self._read(entities.entities_by_id, ids)
        visible = {id_: row for id_, row in found.items() if may_see_entity(self._viewer, row)}
        return [visible.get(id_) for id_ in ids]

    async def _users(self, ids: list[UUID]) -> list[User | None]:
        seen = [id_ for id_ in ids if may_see_user(self._viewer, id_)]
        found = await self._read(users.users_by_id, seen) if seen else {}
        return [found.get(id_) for id_ in ids]

    async def _entity_ids(self, ids: list[UUID]) -> list[list[UUID]]:
        seen = [id_ for id_ in ids if may_see_user(self._viewer, id_)]
        found = await self._read(users.entities_of, seen) if seen else {}
        return [found.get(id_, []) for id_ in ids]

    async def _transfers(self, ids: list[UUID]) -> list[Transfer | None]:
        found = await self._read(transfers.transfers_by_id, ids)
        visible = {id_: row for id_, row in found.items() if may_see_transfer(self._viewer, row)}
        return [visible.get(id_) for id_ in ids]

    async def _accounts(self, ids: list[UUID]) -> list[Account | None]:
        own = [id_ for id_ in ids if may_see_books(self._viewer, id_)]
        found = await self._read(entities.accounts_by_id, own) if own else {}
        return [found.get(id_) for id_ in ids]

    async def _standings(self, asked: list[At]) -> list[Standing | None]:
        own = [at for at in asked if may_see_books(self._viewer, at.entity_id)]
        found = await self._read(standings.standings_at, own) if own else []
        by_key = dict(zip(own, found, strict=True))
        return [by_key.get(at) for at in asked]

    async def _tags(self, keys: list[tuple[UUID, TagKind]]) -> list[list[CarriedTag]]:
        async with self._database.reading() as session:
            found = await tags.tags_of(session, [entity_id for entity_id, _ in keys])
        return [found.get(key, []) for key in keys]

    async def _terms(self, ids: list[UUID]) -> list[frozenset[str]]:
        found = await self._read(entities.terms_of, ids)
        return [found.get(id_, frozenset()) for id_ in ids]

    async def _counts(self, subjects: list[Subject]) -> list[int]:
        found = await self._read(counts_of, list({id_ for _, id_ in subjects}))
        return [found.get(subject, 0) for subject in subjects]

    async def _category(self, ids: list[UUID]) -> list[Category | None]:
        found = await self._read(categories.categories_by_id, ids)
        return [found.get(id_) for id_ in ids]

    async def _categories(self, ids: list[UUID]) -> list[list[Category]]:
        found = await self._read(categories.categories_of, ids)
        return [found.get(id_, []) for id_ in ids]

    async def _favorites(self, keys: list[FavoriteKey]) -> list[bool | None]:
        own = [key for key in keys if may_see_favorites(self._viewer, key.of)]
        found = await self._read(favorites.kept_among, own) if own else {}
        return [found.get(key, False) if key in own else None for key in keys]

    async def _memberships(self, ids: list[UUID]) -> list[list[Membership]]:
        """Of users whom the viewer sees."""
        found = await self._read(members.memberships_of, ids)
        return [found.get(id_, []) for id_ in ids]

    async def _members(self, ids: list[UUID]) -> list[list[Member] | None]:
        own = [id_ for id_ in ids if may_see_members(self._viewer, id_)]
        found = await self._read(members.members_of, own) if own else {}
        return [found.get(id_, []) if id_ in own else None for id_ in ids]

    async def _invitations(self, ids: list[UUID]) -> list[list[Invitation] | None]:
        own = [id_ for id_ in ids if may_see_invitations(self._viewer, id_)]
        found = await self._read(invitations.invitations_of, own) if own else {}
        return [found.get(id_, []) if id_ in own else None for id_ in ids]

    async def _api_tokens(self, ids: list[UUID]) -> list[list[ApiToken] | None]:
        own = [id_ for id_ in ids if may_see_api_tokens(self._viewer, id_)]
        found = await self._read(api_tokens.good_tokens_of, own) if own else {}
        return [found.get(id_, []) if id_ in own else None for id_ in ids]

    async def _webhooks(self, ids: list[UUID]) -> list[list[Webhook] | None]:
        own = [id_ for id_ in ids if may_see_webhooks(self._viewer, id_)]
        found = await self._read(webhooks.webhooks_of, own) if own else {}
        return [found.get(id_, []) if id_ in own else None for id_ in ids]

    async def _attempts(self, ids: list[UUID]) -> list[list[WebhookAttempt]]:
        """Of webhooks that the viewer sees."""
        found = await self._read(webhooks.attempts_of, ids)
        return [found.get(id_, []) for id_ in ids]

    async def _postings(self, ids: list[UUID]) -> list[list[Posting]]:
        """Of transfers that the viewer sees."""
        found = await self._read(postings_of, ids)
        return [found[id_] for id_ in ids]

    async def _reversals(self, ids: list[UUID]) -> list[Transfer | None]:
        """Of transfers that the viewer sees: they have the same sides."""
        found = await self._read(reversals_of, ids)
        return [found.get(id_) for id_ in ids]

    async def _people(self, ids: list[UUID]) -> list[User | None]:
        """For their names; who may learn that they did something is decided where it is said."""
        found = await self._read(users.users_by_id, ids)
        return [found.get(id_) for id_ in ids]

    async def _pages(self, keys: list[TransfersKey]) -> list[Page[Transfer] | None]:
        found: dict[TransfersKey, Page[Transfer]] = {}
        for wanted, window in dict.fromkeys((key.wanted, key.window) for key in keys):
            same = [key for key in keys if (key.wanted, key.window) == (wanted, window)]
            ids = [key.entity_id for key in same]
            own = [id_ for id_ in ids if may_see_books(self._viewer, id_)]
            if own:
                async with self._database.reading() as session:
                    pages = await transfers.pages_of_transfers(
                        session, own, wanted=wanted, window=window
                    )
                found |= {TransfersKey(id_, wanted, window): pages[id_] for id_ in own}
        return [found.get(key) for key in keys]

    async def _read(self, read: Read[Key, Found], keys: Sequence[Key]) -> Found:
        async with self._database.reading() as session:
            return await read(session, keys)


def _batch(load: Callable[[list[Key]], Awaitable[Sequence[Value]]]) -> DataLoader[Key, Value]:
    return DataLoader(load_fn=load, cache=False)
