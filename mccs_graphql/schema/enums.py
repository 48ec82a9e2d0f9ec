"""The enumerations of the schema, each value with its meaning."""

from enum import Enum

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from mccs_graphql.db.models import (
    ActorKind,
    AdminRole,
    AuditOutcome,
    Canceller,
    Channel,
    EntityStatus,
    EventKind,
    JobName,
    JobOutcome,
    MailKind,
    MailState,
    NoticeKind,
    Role,
    Scope,
    SystemReason,
    TagKind,
    TransferState,
    WebhookFault,
    WebhookPause,
)
from mccs_graphql.db.queries.all_entities import EntitySortKey
from mccs_graphql.db.queries.all_users import UserSortKey
from mccs_graphql.db.queries.transfer_search import TransferOrder
from mccs_graphql.domain.access import Audience
from mccs_graphql.domain.administration.default_limits import ApplyTo
from mccs_graphql.domain.administration.deleting_entities import OpenProposals
from mccs_graphql.domain.audit.changes import ChangeKind
from mccs_graphql.domain.directory.likeness import MatchQuality
from mccs_graphql.domain.directory.wanted import EntityOrder, MatchKind
from mccs_graphql.domain.ledger.commands import Direction
from mccs_graphql.domain.ledger.statements import StatementFormat
from mccs_graphql.domain.statistics.suppression import Figure
from mccs_graphql.settings import Language

_DESCRIPTIONS: dict[type[Enum], tuple[str, dict[Enum, str]]] = {
    Audience: (
        "Whom a field is for.",
        {
            Audience.EVERYBODY: "Visitors too.",
            Audience.HOLDER: "Whoever got as far as this object: what led to it has decided.",
            Audience.USER: "Who is logged in, about the own login. Not for API tokens.",
            Audience.PLAIN_USER: "Who is logged in and no admin: admins belong to no entity.",
            Audience.MEMBER: "Who belongs to the entity in question, in any role; of a transfer, "
            "to one of its sides.",
            Audience.OWNER: "A member who is its OWNER.",
            Audience.TRADER: "A member who is its TRADER.",
            Audience.EDITOR: "A member who is its EDITOR.",
            Audience.PARTNER: "Who belongs to an entity that trades, as the one in question does.",
            Audience.CHOSEN: "Everybody, if the entity in question chose so.",
            Audience.NODE_OWNER: "An admin who is OWNER of this node, that is of the community.",
            Audience.ADMIN: "An admin who is ADMIN or OWNER.",
            Audience.MODERATOR: "An admin who is MODERATOR, ADMIN or OWNER.",
            Audience.AUDITOR: "An admin in any role.",
        },
    ),
    ActorKind: (
        "What kind of one did something.",
        {
            ActorKind.VISITOR: "Somebody who was not logged in.",
            ActorKind.USER: "A user who is no admin.",
            ActorKind.ADMIN: "An admin.",
            ActorKind.TOKEN: "An API token, for a user.",
            ActorKind.SYSTEM: "The server, by itself or by a command of its operator.",
        },
    ),
    AuditOutcome: (
        "What came of something that somebody set out to do.",
        {
            AuditOutcome.DONE: "It was done.",
            AuditOutcome.REFUSED: "It was refused, and nothing was changed.",
        },
    ),
    ChangeKind: (
        "What became of a record.",
        {
            ChangeKind.CREATED: "It is new.",
            ChangeKind.CHANGED: "It has other values.",
            ChangeKind.DELETED: "It was removed.",
            ChangeKind.REVOKED: "It is not good any more.",
            ChangeKind.SHARED: "It is as it was; a link was made by which some of it is read.",
        },
    ),
    Role: (
        "What a member is in an entity. Each may read what is private to it.",
        {
            Role.OWNER: "May do everything, also decide who the members are.",
            Role.TRADER: "May propose and decide transfers, and write to others.",
            Role.EDITOR: "May change what the entity says of itself, and write to others.",
            Role.VIEWER: "May only look on.",
        },
    ),
    AdminRole: (
        "What an admin may do; each role includes those after it. All read what is private.",
        {
            AdminRole.OWNER: "Decides who the admins are.",
            AdminRole.ADMIN: "Runs the community.",
            AdminRole.MODERATOR: "Looks after what members say of themselves.",
            AdminRole.AUDITOR: "Only looks on.",
        },
    ),
    Scope: (
        "What an API token may be used for.",
        {
            Scope.READ: "To read what is private to the entity; the others imply it.",
            Scope.DIRECTORY: "To change what the entity says of itself, and to write to others.",
            Scope.TRANSFERS: "To propose and decide transfers, up to an amount a day.",
        },
    ),
    EntityStatus: (
        "How far an entity has come. Only TRADING_ACCEPTED may make transfers.",
        {
            EntityStatus.PENDING: "Signed up; an admin has not decided yet. Not listed.",
            EntityStatus.REJECTED: "Not admitted. Not listed.",
            EntityStatus.ACCEPTED: "Listed in the directory; has not applied for trading.",
            EntityStatus.TRADING_PENDING: "Has applied for trading.",
            EntityStatus.TRADING_ACCEPTED: "A trading member.",
            EntityStatus.TRADING_REJECTED: "Not admitted to trading.",
        },
    ),
    TransferState: (
        "The stage of a transfer. The last two are final.",
        {
            TransferState.INITIATED: "Proposed; the receiver has not decided.",
            TransferState.COMPLETED: "Accepted; the balances have moved.",
            TransferState.CANCELLED: "Ended without moving anything; see `cancelledBy`.",
        },
    ),
    Canceller: (
        "Who ended a transfer before it completed.",
        {
            Canceller.INITIATOR: "The side that proposed took it back.",
            Canceller.RECEIVER: "The side that was to decide rejected it.",
            Canceller.SYSTEM: "A rule; see `systemReason`.",
            Canceller.ADMIN: "An admin of the community.",
        },
    ),
    SystemReason: (
        "Why the system cancelled a transfer.",
        {
            SystemReason.PAYER_CREDIT_LIMIT: "The payer would owe more than its limit allows.",
            SystemReason.PAYEE_BALANCE_CEILING: "The payee would hold more than its ceiling.",
            SystemReason.EXPIRED: "Nobody decided about the proposal in time.",
        },
    ),
    EntitySortKey: (
        "What all entities are sorted by; those that are equal come in the order they joined.",
        {
            EntitySortKey.NAME: "Accents and letter case do not count, numbers are numbers.",
            EntitySortKey.CREATED: "When they joined.",
            EntitySortKey.STATUS: "By the names of the statuses.",
            EntitySortKey.BALANCE: "The balances of their accounts.",
            EntitySortKey.MAX_NEGATIVE_BALANCE: "How far below zero their balances may go.",
            EntitySortKey.MAX_POSITIVE_BALANCE: "How far above zero their balances may go.",
            EntitySortKey.DECLARED_TURNOVER: "Those that do not say it count as less than zero.",
        },
    ),
    UserSortKey: (
        "What users are sorted by; those who are equal come in the order they signed up.",
        {
            UserSortKey.NAME: "By last name, then by first name.",
            UserSortKey.EMAIL: "By address; letter case does not count.",
            UserSortKey.CREATED: "When they signed up.",
            UserSortKey.LAST_SEEN: "The latest log-in; of who never logged in, the sign-up.",
        },
    ),
    OpenProposals: (
        "What to do about transfers that wait to be decided.",
        {
            OpenProposals.REFUSE: "Delete nothing as long as there are any.",
            OpenProposals.CANCEL: "Cancel them, and tell the other sides.",
        },
    ),
    TagKind: (
        "Which of an entity's two lists a tag stands in.",
        {TagKind.OFFER: "It is offered.", TagKind.WANT: "It is wanted."},
    ),
    EntityOrder: (
        "How the entities found are sorted.",
        {
            EntityOrder.RELEVANCE: "The likest to what was looked for come first.",
            EntityOrder.NAME: "By name: accents and letter case do not count, numbers are numbers.",
            EntityOrder.NEWEST: "Those that joined last come first.",
        },
    ),
    MatchKind: (
        "Where something was found.",
        {
            MatchKind.OFFER: "The entity offers it.",
            MatchKind.WANT: "The entity wants it.",
            MatchKind.NAME: "It stands in its name.",
            MatchKind.DESCRIPTION: "It stands in its description.",
        },
    ),
    MatchQuality: (
        "How like something is to what was looked for, the likest first.",
        {
            MatchQuality.EXACT: "The same, whatever its accents, letter case or order of words.",
            MatchQuality.PREFIX: "It begins so.",
            MatchQuality.INSIDE: "It has this inside.",
            MatchQuality.SIMILAR: "It differs by a slip of the pen, or by a plural.",
        },
    ),
    Language: (
        "A language that mails are written in.",
        {Language.EN: "English.", Language.DE: "German."},
    ),
    Channel: (
        "A way by which you are told.",
        {
            Channel.IN_APP: "In `notices` and `noticeEvents`.",
            Channel.MAIL: "By mail.",
        },
    ),
    NoticeKind: (
        "What you are told of. Kinds may be added: keep a default branch.",
        {
            NoticeKind.TRANSFER_PROPOSED: "A transfer is proposed to an entity of yours.",
            NoticeKind.TRANSFER_COMPLETED: "A transfer of your entity's was accepted.",
            NoticeKind.TRANSFER_REJECTED: "A transfer was rejected by the side it was proposed to.",
            NoticeKind.TRANSFER_CANCELLED: "A transfer was taken back by the side that proposed "
            "it, or cancelled by a rule.",
            NoticeKind.TRANSFER_BY_ADMIN: "An admin made a transfer of your entity's, or took one "
            "back.",
            NoticeKind.TRANSFER_CANCELLED_BY_ADMIN: "An admin cancelled a transfer.",
            NoticeKind.LIMITS_CHANGED: "The limits of your entity's account are others.",
            NoticeKind.MATCH_FOUND: "Another entity begins to offer what yours wants, or to want "
            "what it offers.",
            NoticeKind.DAILY_MATCHES: "The new matches of a day, together.",
            NoticeKind.CONTACT: "Another entity has written to yours.",
            NoticeKind.ENTITY_STATUS: "Your entity has another status.",
            NoticeKind.MEMBER_JOINED: "Somebody has joined an entity that you own.",
            NoticeKind.MEMBER_REMOVED: "You do not belong to an entity any more.",
            NoticeKind.ROLE_CHANGED: "Your role in an entity is another one.",
            NoticeKind.API_TOKEN_CREATED: "There is a new API token of an entity that you own.",
            NoticeKind.PASSWORD_CHANGED: "Your password was changed.",
            NoticeKind.NEW_DEVICE: "Somebody logged in as you from a new place or device.",
            NoticeKind.SECOND_FACTOR_ON: "Logging in as you takes a second factor.",
            NoticeKind.SECOND_FACTOR_OFF: "Logging in as you takes no second factor any more.",
        },
    ),
    MailKind: (
        "What a mail is about. Kinds may be added: keep a default branch.",
        {
            MailKind.CONTACT: "An entity has written to another one.",
            MailKind.EMAIL_VERIFICATION: "The user is to confirm the address.",
            MailKind.PASSWORD_RESET: "The user may choose a new password.",
            MailKind.EMAIL_CHANGE: "The user is to confirm a new address; it goes there.",
            MailKind.EMAIL_CHANGE_NOTICE: "The address is about to change; it goes to the old one.",
            MailKind.INVITATION: "Somebody is invited to an entity.",
            MailKind.MEMBER_JOINED: "Somebody has joined an entity that the user owns.",
            MailKind.MEMBER_REMOVED: "The user does not belong to an entity any more.",
            MailKind.PASSWORD_CHANGED: "The password was changed.",
            MailKind.NEW_DEVICE: "Somebody logged in as the user from a new place or device.",
            MailKind.SECOND_FACTOR_ON: "Logging in takes a second factor.",
            MailKind.SECOND_FACTOR_OFF: "Logging in takes no second factor any more.",
            MailKind.API_TOKEN_CREATED: "There is a new API token of an entity the user owns.",
            MailKind.ROLE_CHANGED: "The user's role in an entity is another one.",
            MailKind.ENTITY_STATUS: "The user's entity has another status.",
            MailKind.TRANSFER_BY_ADMIN: "An admin made a transfer, or took one back.",
            MailKind.TRANSFER_CANCELLED_BY_ADMIN: "An admin cancelled a transfer.",
            MailKind.DAILY_MATCHES: "The new matches of a day, together.",
            MailKind.BOOKS_CHECK_FAILED: "The books contradict themselves; it goes to admins.",
            MailKind.TRANSFER_PROPOSED: "A transfer is proposed to the user's entity.",
            MailKind.TRANSFER_COMPLETED: "A transfer was accepted.",
            MailKind.TRANSFER_REJECTED: "A transfer was rejected.",
            MailKind.TRANSFER_CANCELLED: "A transfer was taken back, or cancelled by a rule.",
            MailKind.LIMITS_CHANGED: "The limits of the entity's account are others.",
        },
    ),
    MailState: (
        "How far a mail has come. The last three are final, unless one that failed is tried again.",
        {
            MailState.QUEUED: "It waits to be sent, for the first time or again.",
            MailState.SENDING: "Somebody is sending it.",
            MailState.SENT: "The mail server has taken it.",
            MailState.FAILED: "The mail server refused it for good, or too often.",
            MailState.DROPPED: "Nobody waited for it any more, so it was not sent.",
        },
    ),
    TransferOrder: (
        "How all transfers are sorted.",
        {
            TransferOrder.NEWEST: "Those proposed last come first.",
            TransferOrder.OLDEST: "Those proposed first come first.",
            TransferOrder.DECIDED_LAST: "Those decided last come first; open ones are left out.",
            TransferOrder.DECIDED_FIRST: "Those decided first come first; open ones are left out.",
            TransferOrder.LARGEST: "The largest amounts come first.",
            TransferOrder.SMALLEST: "The smallest amounts come first.",
        },
    ),
    ApplyTo: (
        "Whom a new default is for.",
        {
            ApplyTo.NEW_MEMBERS: "Those who sign up from now on.",
            ApplyTo.ALL_AT_DEFAULT: "Also the members of the status whose limits are those of the "
            "default so far.",
        },
    ),
    EventKind: (
        "What may happen to an entity.",
        {
            EventKind.TRANSFER_PROPOSED: "A transfer was proposed, by or to the entity.",
            EventKind.TRANSFER_COMPLETED: "A transfer was accepted, or made by an admin.",
            EventKind.TRANSFER_CANCELLED: "A transfer was rejected or cancelled.",
            EventKind.MATCH_FOUND: "An entity began to offer what it wants, or to want what it "
            "offers.",
        },
    ),
    WebhookPause: (
        "Why a webhook is not called.",
        {
            WebhookPause.OWNER: "An owner of the entity paused it.",
            WebhookPause.FAILING: "Every call failed, for five days.",
            WebhookPause.GONE: "Its receiver answered 410 Gone.",
        },
    ),
    WebhookFault: (
        "Why a call of a webhook did not get through.",
        {
            WebhookFault.ADDRESS: "Its host is not known, or has an address that is not public.",
            WebhookFault.UNREACHABLE: "Nobody took the connection, or went on with TLS, within "
            "3 seconds.",
            WebhookFault.TLS: "There was no TLS, or no good certificate for the host.",
            WebhookFault.TIMEOUT: "There was no answer within 10 seconds.",
            WebhookFault.NOT_HTTP: "What was answered was not HTTP, cut off, or had too long a "
            "head.",
            WebhookFault.REDIRECT: "The answer led elsewhere, where nobody goes.",
            WebhookFault.STATUS: "The answer was another status than 2xx.",
            WebhookFault.SECRET: "Its secret cannot be read any more: rotate it.",
            WebhookFault.INTERNAL: "It is our fault; the operator finds it in the log.",
        },
    ),
    JobName: (
        "What is done by the clock.",
        {
            JobName.EXPIRE_PROPOSALS: "Cancels the proposals that nobody has decided in time.",
            JobName.DAILY_DIGEST: "Has new matches told by mail to those who want that, in the "
            "morning.",
            JobName.CHECK_BOOKS: "Proves the books and the audit trail, and tells admins by mail "
            "if anything differs.",
            JobName.FORGET: "Removes what has been kept long enough: events, expired tokens, ended "
            "sessions.",
        },
    ),
    JobOutcome: (
        "What became of a run.",
        {
            JobOutcome.DONE: "All was done.",
            JobOutcome.ALARM: "All was done, and something was found that admins have to look at.",
            JobOutcome.FAILED: "It could not be done; it is tried again.",
        },
    ),
    Direction: (
        "A transfer seen from one entity.",
        {
            Direction.OUT: "The entity pays: its balance goes down.",
            Direction.IN: "The entity is paid: its balance goes up.",
        },
    ),
    Figure: (
        "A figure of the statistics, as its field is called.",
        {
            Figure.MEMBERS: "Members of some status.",
            Figure.TRANSFERS: "Transfers in some state.",
            Figure.TURNOVER: "The turnover.",
            Figure.TURNOVER_BY_MONTH: "The turnover of some months.",
            Figure.TOP_TEN_TURNOVER_SHARE: "The share of the ten that sold most.",
            Figure.VELOCITY: "The velocity.",
            Figure.CREDIT_IN_USE: "The credit in use.",
            Figure.CREDIT_ALLOWED: "The credit allowed.",
            Figure.TOP_TEN_BALANCE_SHARE: "The share of the ten largest balances.",
            Figure.BALANCE_GINI: "The Gini coefficient of the balances.",
            Figure.AT_MAX_NEGATIVE_BALANCE: "Members that owe all they may.",
            Figure.AT_MAX_POSITIVE_BALANCE: "Members that hold all they may.",
            Figure.NEW_MEMBERS: "Members that joined.",
            Figure.NEW_MEMBERS_TRADED: "Those of them that have traded.",
            Figure.TIME_TO_FIRST_TRADE: "How long it took them.",
            Figure.TIME_TO_DECISION: "How long proposals waited.",
        },
    ),
    StatementFormat: (
        "What a statement is written as.",
        {
            StatementFormat.CSV: "A table for spreadsheets and book-keeping, of any length.",
            StatementFormat.HTML: "A page to look at and to print.",
            StatementFormat.PDF: "A file to keep and to print.",
        },
    ),
}


def register_enums() -> None:
    """Make the domain's enumerations known to Strawberry, before any type refers to one."""
    for enum, (description, values) in _DESCRIPTIONS.items():
        definition = _registered(enum, description)
        texts = {member.name: text for member, text in values.items()}
        for value in definition.values:
            value.description = texts[value.name]


def _registered(enum: type[Enum], description: str) -> StrawberryEnumDefinition:
    strawberry.enum(enum, description=description)
    definition: StrawberryEnumDefinition = enum.__strawberry_definition__  # type: ignore[attr-defined]
    return definition
