"""The roots: every subject's fields side by side."""

import strawberry

from mccs_graphql.resolvers.addresses import AddressMutation
from mccs_graphql.resolvers.administration.curation import CurationMutation, CurationQuery
from mccs_graphql.resolvers.administration.jobs import JobMutation, JobQuery
from mccs_graphql.resolvers.administration.limits import LimitMutation, LimitQuery
from mccs_graphql.resolvers.administration.mails import MailMutation, MailQuery
from mccs_graphql.resolvers.administration.members import MemberAdministrationMutation
from mccs_graphql.resolvers.administration.searches import MemberSearchQuery
from mccs_graphql.resolvers.administration.statistics import StatisticsQuery
from mccs_graphql.resolvers.administration.transfers import (
    AdminTransferMutation,
    AllTransfersQuery,
)
from mccs_graphql.resolvers.admins import AdminMutation, AdminQuery
from mccs_graphql.resolvers.admission import guarded
from mccs_graphql.resolvers.api_tokens import ApiTokenMutation, ApiTokenQuery
from mccs_graphql.resolvers.audit import AuditQuery
from mccs_graphql.resolvers.browsing import BrowsingQuery
from mccs_graphql.resolvers.contact import ContactMutation
from mccs_graphql.resolvers.directory import DirectoryQuery
from mccs_graphql.resolvers.events import EventSubscription
from mccs_graphql.resolvers.identity import IdentityMutation, IdentityQuery
from mccs_graphql.resolvers.invitations import InvitationMutation
from mccs_graphql.resolvers.members import MemberMutation
from mccs_graphql.resolvers.nodes import NodeQuery
from mccs_graphql.resolvers.notices import NoticeMutation, NoticeQuery, NoticeSubscription
from mccs_graphql.resolvers.passwords import PasswordMutation
from mccs_graphql.resolvers.profiles import ProfileMutation
from mccs_graphql.resolvers.rate_limit import RateLimitQuery
from mccs_graphql.resolvers.second_factor import SecondFactorMutation
from mccs_graphql.resolvers.sessions import SessionMutation
from mccs_graphql.resolvers.statements import StatementMutation
from mccs_graphql.resolvers.transfers import TransferMutation, TransferQuery
from mccs_graphql.resolvers.webhooks import WebhookMutation


@guarded
@strawberry.type(description="What can be asked.")
class Query(
    IdentityQuery,
    ApiTokenQuery,
    DirectoryQuery,
    BrowsingQuery,
    TransferQuery,
    NodeQuery,
    AuditQuery,
    RateLimitQuery,
    AdminQuery,
    MemberSearchQuery,
    LimitQuery,
    AllTransfersQuery,
    CurationQuery,
    StatisticsQuery,
    JobQuery,
    NoticeQuery,
    MailQuery,
):
    pass


@guarded
@strawberry.type(description="What can be done. Fields of one document are carried out in order.")
class Mutation(
    IdentityMutation,
    SessionMutation,
    PasswordMutation,
    AddressMutation,
    SecondFactorMutation,
    ApiTokenMutation,
    ProfileMutation,
    InvitationMutation,
    MemberMutation,
    ContactMutation,
    TransferMutation,
    AdminMutation,
    MemberAdministrationMutation,
    LimitMutation,
    AdminTransferMutation,
    CurationMutation,
    WebhookMutation,
    StatementMutation,
    JobMutation,
    NoticeMutation,
    MailMutation,
):
    pass


@guarded
@strawberry.type(description="What can be listened to.")
class Subscription(EventSubscription, NoticeSubscription):
    pass
