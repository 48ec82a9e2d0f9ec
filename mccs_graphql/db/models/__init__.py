"""The mapped models, one module a subject; import them from here."""

from mccs_graphql.db.models.account import Account, Posting
from mccs_graphql.db.models.api_token import ApiToken, Scope
from mccs_graphql.db.models.attempt import AttemptCount
from mccs_graphql.db.models.audit import ActorKind, AuditEntry, AuditHead, AuditOutcome
from mccs_graphql.db.models.contact import ContactMessage, Favorite
from mccs_graphql.db.models.directory import (
    Category,
    Counted,
    EntityCategory,
    EntityTag,
    ListingCount,
    Tag,
    TagKind,
    Word,
)
from mccs_graphql.db.models.entity import Entity, EntityStatus
from mccs_graphql.db.models.event import Event, EventKind
from mccs_graphql.db.models.invitation import Invitation
from mccs_graphql.db.models.job import DigestPosition, JobName, JobOutcome, ScheduledJob
from mccs_graphql.db.models.limits import LimitChange, LimitDefault
from mccs_graphql.db.models.mail import Mail, MailKind, MailState
from mccs_graphql.db.models.matching import NewListing, TagKin
from mccs_graphql.db.models.notice import (
    Channel,
    Notice,
    NoticeHead,
    NoticeKind,
    NoticePreference,
)
from mccs_graphql.db.models.record import Record
from mccs_graphql.db.models.second_factor import RecoveryCode, SecondFactor
from mccs_graphql.db.models.token import OneTimeToken, SigningKey, TokenPurpose
from mccs_graphql.db.models.transfer import (
    Canceller,
    IdempotencyKey,
    SystemReason,
    Transfer,
    TransferState,
)
from mccs_graphql.db.models.user import (
    Admin,
    AdminRole,
    Membership,
    Role,
    User,
    UserSession,
)
from mccs_graphql.db.models.webhook import Webhook, WebhookAttempt, WebhookFault, WebhookPause

__all__ = [
    "Account",
    "ActorKind",
    "Admin",
    "AdminRole",
    "ApiToken",
    "AttemptCount",
    "AuditEntry",
    "AuditHead",
    "AuditOutcome",
    "Canceller",
    "Category",
    "Channel",
    "ContactMessage",
    "Counted",
    "DigestPosition",
    "Entity",
    "EntityCategory",
    "EntityStatus",
    "EntityTag",
    "Event",
    "EventKind",
    "Favorite",
    "IdempotencyKey",
    "Invitation",
    "JobName",
    "JobOutcome",
    "LimitChange",
    "LimitDefault",
    "ListingCount",
    "Mail",
    "MailKind",
    "MailState",
    "Membership",
    "NewListing",
    "Notice",
    "NoticeHead",
    "NoticeKind",
    "NoticePreference",
    "OneTimeToken",
    "Posting",
    "Record",
    "RecoveryCode",
    "Role",
    "ScheduledJob",
    "Scope",
    "SecondFactor",
    "SigningKey",
    "SystemReason",
    "Tag",
    "TagKin",
    "TagKind",
    "TokenPurpose",
    "Transfer",
    "TransferState",
    "User",
    "UserSession",
    "Webhook",
    "WebhookAttempt",
    "WebhookFault",
    "WebhookPause",
    "Word",
]
