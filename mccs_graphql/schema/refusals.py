"""Refusals as data: one type for each, all of them a UserError."""

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar, dataclass_transform
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from mccs_graphql.db.models import (
    AdminRole,
    Canceller,
    EntityStatus,
    MailState,
    SystemReason,
    TransferState,
)
from mccs_graphql.db.models import Category as CategoryRow
from mccs_graphql.db.models import Tag as TagRow
from mccs_graphql.db.models import Transfer as TransferRow
from mccs_graphql.domain import errors
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.administration import curation_refusals as curation
from mccs_graphql.domain.administration import ledger_refusals as ledger_administration
from mccs_graphql.domain.administration import refusals as administration
from mccs_graphql.domain.directory import refusals as directory
from mccs_graphql.domain.identity import refusals as identity
from mccs_graphql.domain.jobs import refusals as jobs
from mccs_graphql.domain.ledger import refusals as ledger
from mccs_graphql.domain.ledger import statement_refusals as statements
from mccs_graphql.domain.mails import refusals as mails
from mccs_graphql.domain.membership import refusals as membership
from mccs_graphql.domain.money import Money
from mccs_graphql.domain.webhooks import refusals as webhooks
from mccs_graphql.schema.access import access
from mccs_graphql.schema.directory import Category, Tag
from mccs_graphql.schema.ids import IdPrefix, encode_id
from mccs_graphql.schema.transfer import Transfer

Refused = TypeVar("Refused", bound=errors.Refusal)
Shown = TypeVar("Shown", bound="UserError")

_REFUSALS = sorted(errors.Refusal.__subclasses__(), key=lambda refusal: refusal.code)
_shown: dict[type[errors.Refusal], type["UserError"]] = {}


def _explain(refusal: type[errors.Refusal]) -> str:
    return " ".join((refusal.__doc__ or "").split())


ErrorCode = StrEnum("ErrorCode", {refusal.code: refusal.code for refusal in _REFUSALS})  # type: ignore[misc]
strawberry.enum(
    ErrorCode, description="What was refused. Codes may be added: keep a default branch."
)
for _value, _refusal in zip(
    ErrorCode.__strawberry_definition__.values,  # type: ignore[attr-defined]
    _REFUSALS,
    strict=True,
):
    _value.description = _explain(_refusal)


@strawberry.interface(
    description="A rule said no, and nothing was changed unless the type says otherwise. Spread "
    "`... on UserError` to handle every refusal, also those added later.",
    directives=[access(HOLDER)],
)
class UserError:
    code: ErrorCode = strawberry.field(description="Stable; choose your own words by it.")
    message: str = strawberry.field(description="For developers, in English.")
    path: list[str] = strawberry.field(
        description="The input it is about, outermost first; empty if it is about none."
    )


@dataclass_transform(field_specifiers=(strawberry.field,), kw_only_default=True)
def _shows(refusal: type[errors.Refusal]) -> Callable[[type[Shown]], type[Shown]]:
    """The decorated type is how clients see ``refusal``; it has a field for each of its facts."""

    def register(shown: type[Shown]) -> type[Shown]:
        _shown[refusal] = strawberry.type(
            shown, description=_explain(refusal), directives=[access(HOLDER)]
        )
        return shown

    return register


@strawberry.type(description="What is wrong with one input.", directives=[access(HOLDER)])
class InputProblem:
    path: list[str] = strawberry.field(description="The input, outermost first.")
    code: str = strawberry.field(description="The kind of problem, in capitals.")
    message: str = strawberry.field(description="For developers, in English.")


@_shows(errors.InvalidInput)
class InvalidInput(UserError):
    problems: list[InputProblem] = strawberry.field(description="All that is wrong, at once.")


@_shows(identity.EmailTaken)
class EmailTaken(UserError):
    pass


@_shows(identity.CredentialsInvalid)
class CredentialsInvalid(UserError):
    pass


@_shows(identity.RefreshTokenInvalid)
class RefreshTokenInvalid(UserError):
    pass


@_shows(identity.RefreshTokenReused)
class RefreshTokenReused(UserError):
    pass


@_shows(identity.SessionNotFound)
class SessionNotFound(UserError):
    pass


@_shows(identity.PasswordWrong)
class PasswordWrong(UserError):
    pass


@_shows(identity.OneTimeTokenInvalid)
class OneTimeTokenInvalid(UserError):
    pass


@_shows(identity.SecondFactorRequired)
class SecondFactorRequired(UserError):
    pass


@_shows(identity.SecondFactorWrong)
class SecondFactorWrong(UserError):
    pass


@_shows(identity.SecondFactorActive)
class SecondFactorActive(UserError):
    pass


@_shows(identity.SecondFactorNotFound)
class SecondFactorNotFound(UserError):
    pass


@_shows(identity.ApiTokenNotFound)
class ApiTokenNotFound(UserError):
    pass


@_shows(identity.TooManyApiTokens)
class TooManyApiTokens(UserError):
    most: int = strawberry.field(description="How many an entity may have.")


@_shows(webhooks.WebhookNotFound)
class WebhookNotFound(UserError):
    pass


@_shows(webhooks.TooManyWebhooks)
class TooManyWebhooks(UserError):
    most: int = strawberry.field(description="How many an entity may have.")


@_shows(identity.AdminNotFound)
class AdminNotFound(UserError):
    pass


@_shows(identity.OwnAdminRole)
class OwnAdminRole(UserError):
    pass


@_shows(identity.AdminRoleChanged)
class AdminRoleChanged(UserError):
    role: AdminRole = strawberry.field(description="The role it has now.")


@_shows(identity.TooManyAdmins)
class TooManyAdmins(UserError):
    most: int = strawberry.field(description="How many a community may have.")


@_shows(identity.TooManyAttempts)
class TooManyAttempts(UserError):
    retry_at: datetime = strawberry.field(description="From when on it may be tried again.")


@_shows(directory.EntityChanged)
class EntityChanged(UserError):
    version: int = strawberry.field(description="The version it has now.")
    changed: list[str] = strawberry.field(
        description="The fields that have changed since the one you expected, as far as is known."
    )


@_shows(directory.ApplicationNotPossible)
class ApplicationNotPossible(UserError):
    status: EntityStatus = strawberry.field(description="The status of your entity.")


@_shows(directory.EntityNotFound)
class EntityNotFound(UserError):
    pass


@_shows(directory.FavoriteOfItself)
class FavoriteOfItself(UserError):
    pass


@_shows(directory.TooManyFavorites)
class TooManyFavorites(UserError):
    most: int = strawberry.field(description="How many an entity may have.")


@_shows(directory.MessageToItself)
class MessageToItself(UserError):
    pass


@_shows(directory.MessageKeyReused)
class MessageKeyReused(UserError):
    sent_at: datetime = strawberry.field(description="When the key's message was taken.")


@_shows(directory.EntityNotListed)
class EntityNotListed(UserError):
    status: EntityStatus = strawberry.field(description="The status of your entity.")


@_shows(directory.EntityNotReachable)
class EntityNotReachable(UserError):
    pass


@_shows(directory.ContactLimitReached)
class ContactLimitReached(UserError):
    most: int = strawberry.field(description="How many messages go out within 24 hours.")
    again_at: datetime = strawberry.field(description="From when on another one will.")


@_shows(membership.InvitationInvalid)
class InvitationInvalid(UserError):
    pass


@_shows(membership.InvitationNotFound)
class InvitationNotFound(UserError):
    pass


@_shows(membership.AlreadyMember)
class AlreadyMember(UserError):
    pass


@_shows(membership.MemberNotFound)
class MemberNotFound(UserError):
    pass


@_shows(membership.LastOwner)
class LastOwner(UserError):
    entities: list[strawberry.ID] = strawberry.field(
        description="The ids of the entities that would be left so."
    )


@_shows(membership.TooManyInvitations)
class TooManyInvitations(UserError):
    most: int = strawberry.field(description="How many an entity may have.")


@_shows(membership.TooManyMembers)
class TooManyMembers(UserError):
    most: int = strawberry.field(description="How many an entity may have.")


@_shows(membership.TooManyEntities)
class TooManyEntities(UserError):
    most: int = strawberry.field(description="How many you may have.")


@_shows(administration.UserNotFound)
class UserNotFound(UserError):
    pass


@_shows(administration.UserChanged)
class UserChanged(UserError):
    version: int = strawberry.field(description="The version it has now.")
    changed: list[str] = strawberry.field(
        description="The fields that have changed since the one you expected, as far as is known."
    )


@_shows(administration.UserIsAdmin)
class UserIsAdmin(UserError):
    pass


@_shows(administration.NotAssociated)
class NotAssociated(UserError):
    pass


@_shows(administration.BalanceNotSettled)
class BalanceNotSettled(UserError):
    balance: Money = strawberry.field(description="The balance it has now.")


@_shows(administration.ProposalsOpen)
class ProposalsOpen(UserError):
    open: int = strawberry.field(description="How many there are now.")


@_shows(administration.SettlementNotPossible)
class SettlementNotPossible(UserError):
    pass


@_shows(ledger.AccountNumberInvalid)
class AccountNumberInvalid(UserError):
    pass


@_shows(ledger.IdempotencyKeyReused)
class IdempotencyKeyReused(UserError):
    transfer_id: strawberry.ID = strawberry.field(description="The transfer the key stands for.")


@_shows(ledger.TransferNotFound)
class TransferNotFound(UserError):
    pass


@_shows(ledger.DecisionNotYours)
class DecisionNotYours(UserError):
    pass


@_shows(ledger.TransferAlreadyDecided)
class TransferAlreadyDecided(UserError):
    state: TransferState = strawberry.field(description="What was decided.")
    cancelled_by: Canceller | None = strawberry.field(description="By whom, if it was cancelled.")


@_shows(ledger.ReceiverNotFound)
class ReceiverNotFound(UserError):
    pass


@_shows(ledger.TransferWithItself)
class TransferWithItself(UserError):
    pass


@_shows(ledger.DailyAmountExceeded)
class DailyAmountExceeded(UserError):
    remaining: Money = strawberry.field(description="What the token may still move today.")
    resets_at: datetime = strawberry.field(description="When it may move all of it again.")


@_shows(ledger.EntityNotTrading)
class EntityNotTrading(UserError):
    status: EntityStatus = strawberry.field(description="The status of your entity.")


@_shows(ledger.CounterpartyNotTrading)
class CounterpartyNotTrading(UserError):
    pass


@_shows(ledger.CreditLimitExceeded)
class CreditLimitExceeded(UserError):
    most: Money = strawberry.field(description="The most your entity could pay now.")


@_shows(ledger.BalanceCeilingExceeded)
class BalanceCeilingExceeded(UserError):
    most: Money = strawberry.field(description="The most your entity could be paid now.")


@_shows(ledger.CounterpartyLimitExceeded)
class CounterpartyLimitExceeded(UserError):
    pass


@_shows(statements.StatementTooLong)
class StatementTooLong(UserError):
    lines: int = strawberry.field(description="How many lines it has.")
    most: int = strawberry.field(description="How many are printed.")


@_shows(ledger.TransferCancelledBySystem)
class TransferCancelledBySystem(UserError):
    reason: SystemReason = strawberry.field(
        description="Which limit broke, or that it came too late."
    )
    transfer: Annotated["Transfer", strawberry.lazy("mccs_graphql.schema.transfer")] = (
        strawberry.field(description="The transfer, now cancelled.")
    )


@_shows(jobs.JobRunning)
class JobRunning(UserError):
    pass


@_shows(jobs.JobSwitchedOff)
class JobSwitchedOff(UserError):
    pass


@_shows(mails.MailNotFound)
class MailNotFound(UserError):
    pass


@_shows(mails.MailNotFailed)
class MailNotFailed(UserError):
    state: MailState = strawberry.field(description="How far it has come.")


@_shows(ledger_administration.AccountNotFound)
class AccountNotFound(UserError):
    pass


@_shows(ledger_administration.LimitsChanged)
class LimitsChanged(UserError):
    max_negative_balance: Money = strawberry.field(description="What it is now.")
    max_positive_balance: Money = strawberry.field(description="What it is now.")


@_shows(ledger_administration.BalanceOutOfLimits)
class BalanceOutOfLimits(UserError):
    balance: Money = strawberry.field(description="The balance by now.")


@_shows(ledger_administration.BalancesOutOfLimits)
class BalancesOutOfLimits(UserError):
    members: int = strawberry.field(description="How many members it is about.")


@_shows(ledger_administration.PayerNotFound)
class PayerNotFound(UserError):
    pass


@_shows(ledger_administration.PayeeNotFound)
class PayeeNotFound(UserError):
    pass


@_shows(ledger_administration.PayerNotTrading)
class PayerNotTrading(UserError):
    status: EntityStatus = strawberry.field(description="The status of the payer.")


@_shows(ledger_administration.PayeeNotTrading)
class PayeeNotTrading(UserError):
    status: EntityStatus = strawberry.field(description="The status of the payee.")


@_shows(ledger_administration.PayerLimitExceeded)
class PayerLimitExceeded(UserError):
    most: Money = strawberry.field(description="The most the payer could pay now.")


@_shows(ledger_administration.PayeeLimitExceeded)
class PayeeLimitExceeded(UserError):
    most: Money = strawberry.field(description="The most the payee could be paid now.")


@_shows(ledger_administration.TransferNotCompleted)
class TransferNotCompleted(UserError):
    state: TransferState = strawberry.field(description="The stage of the transfer.")


@_shows(ledger_administration.TransferIsReversal)
class TransferIsReversal(UserError):
    pass


@_shows(ledger_administration.TransferAlreadyReversed)
class TransferAlreadyReversed(UserError):
    transfer_id: strawberry.ID = strawberry.field(description="The transfer that takes it back.")


@_shows(curation.TagNotFound)
class TagNotFound(UserError):
    pass


@_shows(curation.TagExists)
class TagExists(UserError):
    tag: Tag = strawberry.field(description="The tag that has this name.")


@_shows(curation.CategoryNotFound)
class CategoryNotFound(UserError):
    pass


@_shows(curation.CategoryExists)
class CategoryExists(UserError):
    category: Category = strawberry.field(description="The category that has this name.")


@_shows(curation.CategoriesNotFound)
class CategoriesNotFound(UserError):
    places: list[int] = strawberry.field(
        description="The places of their ids in the list, counted from 0."
    )


@_shows(curation.MergeTargetNotFound)
class MergeTargetNotFound(UserError):
    pass


@_shows(curation.MergeWithItself)
class MergeWithItself(UserError):
    pass


def to_user_error(refusal: errors.Refusal) -> UserError:
    """The refusal as clients see it."""
    return _shown[type(refusal)](
        code=ErrorCode(refusal.code),
        message=refusal.message,
        path=_path(refusal.path),
        **{name: _fact(value) for name, value in refusal.facts().items()},
    )


class RefusalHandler(strawberry.ExceptionHandler[Refused, Shown]):
    """Turns a refusal that a resolver raises into a member of the resolver's result union."""

    def __init__(self, exception_type: type[Refused], error_type: type[Shown]) -> None:
        self.exception_type = exception_type
        self.error_type = error_type

    def handle(
        self, exception: Refused, *, field: StrawberryField, info: strawberry.Info
    ) -> Shown | None:
        """Show the refusal."""
        info.context.refusal = exception.code
        shown = to_user_error(exception)
        return shown if isinstance(shown, self.error_type) else None


def refusal_handlers() -> list[RefusalHandler[errors.Refusal, UserError]]:
    """One for each refusal there is."""
    return [RefusalHandler(refusal, _shown[refusal]) for refusal in _REFUSALS]


def _fact(value: object) -> object:
    match value:
        case UUID():
            return encode_id(IdPrefix.TRANSFER, value)
        case TransferRow():
            return Transfer.of(value)
        case TagRow():
            return Tag.of_row(value)
        case CategoryRow():
            return Category.of(value)
        case tuple():
            return [_item(each) for each in value]
        case _:
            return value


def _item(each: object) -> object:
    """One of several facts: a problem, a text, or the id of an entity."""
    match each:
        case errors.Problem():
            return _problem(each)
        case UUID():
            return encode_id(IdPrefix.ENTITY, each)
        case _:
            return each


def _problem(problem: errors.Problem) -> InputProblem:
    return InputProblem(path=_path(problem.path), code=problem.code, message=problem.message)


def _path(steps: tuple[str, ...]) -> list[str]:
    """Python's names of inputs as the schema spells them."""
    return [step[0] + step.title().replace("_", "")[1:] if "_" in step else step for step in steps]
