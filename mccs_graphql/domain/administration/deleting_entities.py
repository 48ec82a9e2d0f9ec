"""Deleting an entity: the books stay and say nothing is open, what is personal goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import (
    Entity,
    EntityStatus,
    Invitation,
    Membership,
    Transfer,
    Webhook,
)
from mccs_graphql.db.queries import audit, entities, erasing, ledger, users, webhooks
from mccs_graphql.db.queries.curation import share_vocabulary
from mccs_graphql.domain import events
from mccs_graphql.domain.administration.patching import give_reason
from mccs_graphql.domain.administration.refusals import (
    BalanceNotSettled,
    ProposalsOpen,
    SettlementNotPossible,
)
from mccs_graphql.domain.audit.changes import DELETED, note
from mccs_graphql.domain.audit.erasing import erase_about
from mccs_graphql.domain.directory.profiles import require_version
from mccs_graphql.domain.directory.refusals import EntityNotFound
from mccs_graphql.domain.identity.api_tokens import end_tokens_for
from mccs_graphql.domain.identity.viewer import Viewer
from mccs_graphql.domain.ledger import closing as closings
from mccs_graphql.domain.ledger.closing import Closing
from mccs_graphql.domain.money import Money

EMPTY = {
    "name": "Deleted entity",
    **dict.fromkeys(
        (
            *("email", "telephone", "inc_type", "company_number", "website", "description"),
            *("address", "city", "region", "postal_code", "country"),
        ),
        "",
    ),
    "declared_turnover": None,
    **dict.fromkeys(
        (
            *("show_telephone", "show_declared_turnover", "show_tags_matched_since_last_login"),
            "receive_daily_match_notification_email",
        ),
        False,
    ),
}
"""What a deleted entity says."""
SHOWN_MAX = 100


class OpenProposals(StrEnum):
    """What to do about proposals that wait to be decided."""

    REFUSE = "refuse"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Plan:
    """How an entity is to be deleted; without ``settle_with`` not with a balance."""

    entity_id: UUID
    expected_version: int
    settle_with: UUID | None
    proposals: OpenProposals
    reason: str = ""


@dataclass(frozen=True)
class Deleted:
    """What is left of it, the transfer that settled its balance, how many proposals went."""

    entity: Entity
    settlement: Transfer | None
    cancelled: int


@dataclass(frozen=True)
class Preview:
    """What deleting it would come to, at this moment; of the users some who belong nowhere else."""

    entity: Entity
    balance: Money
    open_proposals: int
    members: int
    left_without: Sequence[UUID]
    erased_entries: int


async def preview(session: AsyncSession, entity_id: UUID) -> Preview | None:
    """What ``delete`` would do; None if there is no such entity, or none any more."""
    found = (await entities.entities_by_id(session, [entity_id])).get(entity_id)
    if found is None or found.deleted_at is not None:
        return None
    account = (await entities.accounts_by_id(session, [entity_id]))[entity_id]
    open_proposals, _ = await ledger.count_open_transfers(session, entity_id)
    members = await users.members_of(session, [entity_id])
    return Preview(
        entity=found,
        balance=Money(account.balance),
        open_proposals=open_proposals,
        members=len(members.get(entity_id, ())),
        left_without=await users.only_members_of(session, entity_id, most=SHOWN_MAX),
        erased_entries=await audit.count_about(session, entity_id, payments=False),
    )


async def delete(session: AsyncSession, viewer: Viewer, plan: Plan) -> Deleted:
    """Close the account and erase the entity.

    Raises the first that holds of InvalidInput, EntityNotFound, EntityChanged, ProposalsOpen,
    BalanceNotSettled and SettlementNotPossible.
    """
    give_reason(session, plan.reason)
    await share_vocabulary(session)
    closing = await closings.begin(
        session,
        plan.entity_id,
        admin_id=viewer.id,
        settle_with=plan.settle_with,
        cancel=plan.proposals is OpenProposals.CANCEL,
    )
    if closing is None or closing.side.entity.deleted_at is not None:
        raise EntityNotFound
    await require_version(session, closing.side.entity, plan.expected_version)
    if closing.open_count > len(closing.proposals):
        raise ProposalsOpen(open=closing.open_count)
    settlement = await _settle(session, closing, plan.settle_with)
    cancelled = await closings.cancel_proposals(session, closing, reason=plan.reason or None)
    await _erase(session, closing)
    return Deleted(closing.side.entity, settlement, cancelled)


async def _settle(
    session: AsyncSession, closing: Closing, settle_with: UUID | None
) -> Transfer | None:
    balance = closing.side.account.balance
    if balance == 0:
        return None
    if settle_with is None:
        raise BalanceNotSettled(balance=Money(balance))
    other = closing.others.get(settle_with)
    if other is None or not closings.may_settle(closing, other):
        raise SettlementNotPossible
    return await closings.settle(session, closing, other)


async def _erase(session: AsyncSession, closing: Closing) -> None:
    entity = closing.side.entity
    entity.status, entity.deleted_at = EntityStatus.REJECTED, closing.now
    entity.version += 1
    await session.flush()
    members = await users.members_of(session, [entity.id])
    await end_tokens_for(session, entity.id)
    for invitation_id in await erasing.remove_invitations_of_entity(session, entity.id):
        note(session, Invitation, invitation_id, what=DELETED, about=[entity.id])
    for webhook_id in await webhooks.remove_webhooks(session, entity_id=entity.id):
        note(session, Webhook, webhook_id, what=DELETED, about=[entity.id])
    await erasing.remove_of_entity(session, entity.id)
    for user_id in members.get(entity.id, ()):
        about = [entity.id, user_id]
        note(session, Membership, f"{user_id}:{entity.id}", what=DELETED, about=about)
    await erasing.empty_entity(session, entity.id, EMPTY)
    erase_about(session, Entity, entity.id, emptied=EMPTY, payments=False)
    events.wake_listeners(session, [entity.id])
    await session.refresh(entity)
