"""For each root field something to ask that is right, so that only who asks decides."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    AdminRole,
    Category,
    EntityStatus,
    LimitDefault,
    MailState,
    Role,
    User,
)
from mccs_graphql.domain.identity import sessions
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.access.askers import Known
from tests.clients import GraphQLClient, new_key
from tests.factories import Member, dismiss_admins, make_admin, make_agent, make_member
from tests.invitations import Invited, invited
from tests.listings import carry
from tests.mails import change, queue
from tests.trading import Trading
from tests.webhooks import make_webhook

PASSWORD = "correct-horse-9"


@dataclass(frozen=True)
class Place:
    """The entity in question, one it deals with, and who asks."""

    database: Database
    graphql: GraphQLClient
    shop: Member
    other: Member
    known: Known

    @property
    def trading(self) -> Trading:
        return Trading(self.graphql)

    async def category(self) -> Category:
        """A new heading, whose name is its slug."""
        async with self.database.writing() as session:
            category = Category(name=uuid4().hex)
            session.add(category)
        return category

    async def tag(self) -> str:
        """The name of a new tag, which the entity in question offers."""
        name = uuid4().hex
        await carry(self.database, self.shop, offers=[name])
        return name

    async def invited(self) -> Invited:
        """Somebody is invited to the entity in question."""
        return await invited(self.database, self.graphql, self.shop, role=Role.VIEWER)


Sample = Callable[[Place], Awaitable[dict[str, Any]]]
SAMPLES: dict[str, Sample] = {}
"""The arguments of each root field. A field without one fails the tests."""
SUCCEEDS_WITH: dict[str, str] = {}
"""What a mutation answers for which no sample can be right for everybody."""


def sample(*names: str, answers: str = "") -> Callable[[Sample], Sample]:
    """The decorated function makes the arguments of these fields."""

    def register(make: Sample) -> Sample:
        for name in names:
            SAMPLES[name] = make
            if answers:
                SUCCEEDS_WITH[name] = answers
        return make

    return register


def _input(**fields: Any) -> dict[str, Any]:
    return {"input": fields}


@sample("logOutElsewhere")
async def _two_sessions(place: Place) -> dict[str, Any]:
    """One session to stay, and one to end."""
    if place.known.user:
        async with place.database.writing() as session:
            user = await session.get_one(User, place.known.user.user_id)
            await sessions.begin(session, user, origin=sessions.Origin(), days=1)
    return {}


@sample("viewer", "categories", "rateLimit", "logOut", "logOutEverywhere")
@sample("entities", "requestEmailVerification", "apiToken", "auditEntries")
@sample("defaultLimits", "allTransfers", "jobs", "notices", "noticeEvents", "mails")
async def _nothing(_: Place) -> dict[str, Any]:
    return {}


@sample("communityStatistics")
async def _period(_: Place) -> dict[str, Any]:
    end = datetime.now(UTC) - timedelta(minutes=1)
    return {"from": (end - timedelta(days=30)).isoformat(), "to": end.isoformat()}


@sample("allEntities", "users")
async def _everybody(_: Place) -> dict[str, Any]:
    return {"orderBy": {}}


@sample("user", "previewUserDeletion")
async def _other_user(place: Place) -> dict[str, Any]:
    return {"id": encode_id(IdPrefix.USER, place.other.user_id)}


@sample("adminUpdateEntity")
async def _admin_update_entity(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, expectedVersion=1, city="Marlow", reason="Moved.")


@sample("adminUpdateUser")
async def _admin_update_user(place: Place) -> dict[str, Any]:
    user = encode_id(IdPrefix.USER, place.other.user_id)
    return _input(userId=user, expectedVersion=1, lastName="Miller")


@sample("changeEntityStatus")
async def _change_status(place: Place) -> dict[str, Any]:
    return _input(entityId=place.other.id, expectedVersion=1, to="REJECTED", message="Sorry.")


@sample("changeEntityStatuses")
async def _change_statuses(place: Place) -> dict[str, Any]:
    return _input(entityIds=[place.other.id], to="ACCEPTED")


@sample("linkUser")
async def _link(place: Place) -> dict[str, Any]:
    user = encode_id(IdPrefix.USER, place.other.user_id)
    return _input(entityId=place.shop.id, userId=user, role="VIEWER")


@sample("unlinkUser", answers="NotAssociated")
async def _unlink(place: Place) -> dict[str, Any]:
    user = encode_id(IdPrefix.USER, place.other.user_id)
    return _input(entityId=place.shop.id, userId=user)


@sample("deleteEntity")
async def _delete_entity(place: Place) -> dict[str, Any]:
    return _input(entityId=place.other.id, expectedVersion=1)


@sample("deleteUser", answers="LastOwner")
async def _delete_user(place: Place) -> dict[str, Any]:
    user = encode_id(IdPrefix.USER, place.other.user_id)
    return _input(userId=user, expectedVersion=1)


@sample("entity", "node", "previewEntityDeletion")
async def _entity(place: Place) -> dict[str, Any]:
    return {"id": place.shop.id}


@sample("nodes")
async def _entities(place: Place) -> dict[str, Any]:
    return {"ids": [place.shop.id]}


@sample("transferEvents", "transferProposed", "matchEvents")
async def _log(place: Place) -> dict[str, Any]:
    return {"entityId": place.shop.id}


@sample("category")
async def _category(place: Place) -> dict[str, Any]:
    return {"slug": (await place.category()).name}


@sample("tags")
async def _tags(_: Place) -> dict[str, Any]:
    return {"search": "bread"}


@sample("transfer")
async def _transfer(place: Place) -> dict[str, Any]:
    return {"id": await place.trading.proposed(place.shop, place.other)}


@sample("markNoticesRead")
async def _read_all(_: Place) -> dict[str, Any]:
    return _input(allBefore=datetime.now(UTC).isoformat())


@sample("updateNoticePreferences")
async def _prefer(_: Place) -> dict[str, Any]:
    return _input(preferences=[{"kind": "MATCH_FOUND", "channel": "IN_APP", "wanted": False}])


@sample("checkTransfer")
async def _check(place: Place) -> dict[str, Any]:
    receiver = {"id": place.other.id}
    terms = {"initiatorId": place.shop.id, "receiver": receiver, "direction": "OUT"}
    return _input(proposal=terms | {"amount": "1.00"})


@sample("proposeTransfer")
async def _propose(place: Place) -> dict[str, Any]:
    checked = (await _check(place))["input"]["proposal"]
    return _input(**checked, idempotencyKey=new_key())


@sample("acceptTransfer", "rejectTransfer")
async def _decide(place: Place) -> dict[str, Any]:
    id_ = await place.trading.proposed(place.other, place.shop)
    return _input(transferId=id_, idempotencyKey=new_key())


@sample("cancelTransfer")
async def _cancel(place: Place) -> dict[str, Any]:
    id_ = await place.trading.proposed(place.shop, place.other)
    return _input(transferId=id_, idempotencyKey=new_key())


@sample("updateEntity")
async def _update_entity(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, expectedVersion=1, description="Bread.")


@sample("applyForTrading", answers="ApplicationNotPossible")
async def _apply(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, expectedVersion=1)


@sample("updateUser")
async def _update_user(_: Place) -> dict[str, Any]:
    return _input(telephone="020 7946 0958")


@sample("setFavorite")
async def _favorite(place: Place) -> dict[str, Any]:
    return _input(actingFor=place.shop.id, entityId=place.other.id, favorite=True)


@sample("contactEntity")
async def _contact(place: Place) -> dict[str, Any]:
    to = {"actingFor": place.shop.id, "entityId": place.other.id}
    return _input(**to, message="Good day.", idempotencyKey=new_key())


@sample("endSession", answers="SessionNotFound")
async def _end_session(place: Place) -> dict[str, Any]:
    return _input(id=encode_id(IdPrefix.SESSION, place.other.session_id))


@sample("signUp")
async def _sign_up(_: Place) -> dict[str, Any]:
    return _input(email=f"{new_key()}@new.example", password=PASSWORD, entityName="The Bakery")


@sample("logIn", answers="CredentialsInvalid")
async def _log_in(place: Place) -> dict[str, Any]:
    return _input(email=place.other.email, password=PASSWORD)


@sample("refreshSession")
async def _refresh(place: Place) -> dict[str, Any]:
    return _input(refreshToken=place.other.refresh_token)


@sample("requestPasswordReset")
async def _forget(place: Place) -> dict[str, Any]:
    return _input(email=place.other.email)


@sample("resetPassword", answers="OneTimeTokenInvalid")
async def _reset(_: Place) -> dict[str, Any]:
    return _input(token="no token", newPassword=PASSWORD)


@sample("verifyEmail", "confirmEmailChange", "cancelEmailChange", answers="OneTimeTokenInvalid")
async def _from_mail(_: Place) -> dict[str, Any]:
    return _input(token="no token")


@sample("createApiToken", answers="PasswordWrong")
async def _create_token(place: Place) -> dict[str, Any]:
    soon = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    token = {"name": "Till", "scopes": ["READ"], "expiresAt": soon}
    return _input(entityId=place.shop.id, **token, currentPassword=PASSWORD)


@sample("createStatementLink")
async def _create_statement_link(place: Place) -> dict[str, Any]:
    period = {"from": "2026-01-01T00:00:00Z", "to": "2026-02-01T00:00:00Z"}
    return _input(entityId=place.shop.id, **period, format="PDF")


@sample("revokeApiToken")
async def _revoke_token(place: Place) -> dict[str, Any]:
    await make_agent(place.database, place.shop)
    listed = "query Tokens($id: ID!) { entity(id: $id) { apiTokens { id } } }"
    data = await place.graphql(listed, by=place.shop, id=place.shop.id)
    return _input(id=data["entity"]["apiTokens"][0]["id"])


@sample("changePassword", answers="PasswordWrong")
async def _change(_: Place) -> dict[str, Any]:
    return _input(currentPassword=PASSWORD, newPassword=PASSWORD)


@sample("requestEmailChange", answers="PasswordWrong")
async def _change_email(_: Place) -> dict[str, Any]:
    return _input(currentPassword=PASSWORD, newEmail=f"{new_key()}@new.example")


@sample("beginSecondFactor", answers="PasswordWrong")
async def _begin_second_factor(_: Place) -> dict[str, Any]:
    return _input(currentPassword=PASSWORD)


@sample("confirmSecondFactor", "renewRecoveryCodes", answers="SecondFactorNotFound")
async def _code(_: Place) -> dict[str, Any]:
    return _input(code="123456")


@sample("removeSecondFactor", answers="PasswordWrong")
async def _remove_second_factor(_: Place) -> dict[str, Any]:
    return _input(currentPassword=PASSWORD, code="123456")


@sample("inviteMember")
async def _invite(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, email=f"{new_key()}@new.example", role="VIEWER")


@sample("withdrawInvitation")
async def _withdraw(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, invitationId=(await place.invited()).id)


@sample("acceptInvitation", answers="AlreadyMember")
@sample("declineInvitation")
async def _invitation(place: Place) -> dict[str, Any]:
    return _input(token=(await place.invited()).token)


@sample("signUpWithInvitation")
async def _sign_up_invited(place: Place) -> dict[str, Any]:
    return _input(token=(await place.invited()).token, password=PASSWORD)


@sample("changeMemberRole")
async def _change_role(place: Place) -> dict[str, Any]:
    return _input(**(await _remove(place))["input"], role="VIEWER")


@sample("removeMember")
async def _remove(place: Place) -> dict[str, Any]:
    user_id = encode_id(IdPrefix.USER, place.shop.user_id)
    return _input(entityId=place.shop.id, userId=user_id)


@sample("leaveEntity")
async def _leave(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id)


@sample("createEntity")
async def _create(_: Place) -> dict[str, Any]:
    return _input(name="The Mill")


@sample("admins")
async def _admins(_: Place) -> dict[str, Any]:
    return {}


@sample("createAdmin")
async def _create_admin(place: Place) -> dict[str, Any]:
    user = place.known.user
    await dismiss_admins(place.database, but=user.user_id if user else None)
    return _input(email=f"{new_key()}@new.example", role="AUDITOR", name="Ada Quill")


@sample("changeAdminRole")
async def _change_admin(place: Place) -> dict[str, Any]:
    return _input(id=await _admin(place), expectedRole="AUDITOR", role="MODERATOR")


@sample("removeAdmin")
async def _remove_admin(place: Place) -> dict[str, Any]:
    return _input(id=await _admin(place))


async def _admin(place: Place) -> str:
    admin = await make_admin(place.database, AdminRole.AUDITOR)
    return encode_id(IdPrefix.ADMIN, admin.user_id)


HOOK = "http://127.0.0.1:9/hook"
"""Nobody is there."""


@sample("createWebhook")
async def _create_webhook(place: Place) -> dict[str, Any]:
    return _input(entityId=place.shop.id, url=HOOK, kinds=["TRANSFER_COMPLETED"])


@sample("updateWebhook")
async def _update_webhook(place: Place) -> dict[str, Any]:
    return _input(id=await _webhook(place), description="Till")


@sample("deleteWebhook", "pauseWebhook", "testWebhook", "rotateWebhookSecret")
async def _which_webhook(place: Place) -> dict[str, Any]:
    return _input(id=await _webhook(place))


@sample("resumeWebhook")
async def _resume_webhook(place: Place) -> dict[str, Any]:
    return _input(id=await _webhook(place, paused=True))


@sample("replayWebhook")
async def _replay_webhook(place: Place) -> dict[str, Any]:
    return _input(id=await _webhook(place, position=5), since="2026-01-01T00:00:00Z")


async def _webhook(place: Place, **wishes: Any) -> str:
    made = await make_webhook(place.database, place.shop, HOOK, **wishes)
    return encode_id(IdPrefix.WEBHOOK, made)


LIMITS = {"maxNegativeBalance": "100.00", "maxPositiveBalance": "100.00"}
"""Those of the factories' members."""
REASON = "Agreed at the meeting."


@sample("changeLimits")
async def _change_limits(place: Place) -> dict[str, Any]:
    new = LIMITS | {"maxPositiveBalance": "200.00"}
    return _input(entityId=place.shop.id, expected=LIMITS, reason=REASON, **new)


@sample("previewDefaultLimits")
async def _preview_default_limits(_: Place) -> dict[str, Any]:
    return _input(status="REJECTED", **LIMITS)


@sample("changeDefaultLimits")
async def _change_default_limits(place: Place) -> dict[str, Any]:
    """Of a status that nothing else here is about; each time other limits than before."""
    async with place.database.reading() as session:
        row = await session.get(LimitDefault, EntityStatus.REJECTED)
    floor, ceiling = (row.max_negative_balance, row.max_positive_balance) if row else (0, 50_000)
    now = {"maxNegativeBalance": f"{floor / 100:.2f}", "maxPositiveBalance": f"{ceiling / 100:.2f}"}
    new = now | {"maxNegativeBalance": f"{floor / 100 + 1:.2f}"}
    return _input(status="REJECTED", expected=now, reason=REASON, **new)


@sample("runJob")
async def _run_job(_: Place) -> dict[str, Any]:
    return _input(name="FORGET")


@sample("retryMails")
async def _retry_mails(place: Place) -> dict[str, Any]:
    id_ = await queue(place.database, place.other)
    await change(place.database, id_, state=MailState.FAILED, attempts=1)
    return _input(ids=[encode_id(IdPrefix.MAIL, id_)])


@sample("adminTransfer")
async def _admin_transfer(place: Place) -> dict[str, Any]:
    sides = {"payerId": place.shop.id, "payeeId": place.other.id}
    return _input(**sides, amount="1.00", reason=REASON, idempotencyKey=new_key())


@sample("adminCancelTransfer")
async def _admin_cancel(place: Place) -> dict[str, Any]:
    id_ = await place.trading.proposed(place.shop, place.other)
    return _input(transferId=id_, reason=REASON, idempotencyKey=new_key())


@sample("reverseTransfer")
async def _reverse(place: Place) -> dict[str, Any]:
    id_ = await place.trading.pay(place.shop, place.other, "1.00")
    return _input(transferId=id_, reason=REASON, idempotencyKey=new_key())


@sample("allTags")
async def _all_tags(_: Place) -> dict[str, Any]:
    return {"filter": {"contains": "bread"}}


@sample("adminCreateTag")
async def _create_tag(_: Place) -> dict[str, Any]:
    return _input(name=uuid4().hex)


@sample("adminRenameTag")
async def _rename_tag(place: Place) -> dict[str, Any]:
    return _input(tag=await place.tag(), name=uuid4().hex, reason="A slip of the pen.")


@sample("adminMergeTags")
async def _merge_tags(place: Place) -> dict[str, Any]:
    return _input(tag=await place.tag(), into=await place.tag())


@sample("adminDeleteTag")
async def _delete_tag(place: Place) -> dict[str, Any]:
    return _input(tag=await place.tag())


@sample("adminCreateCategory")
async def _create_category(_: Place) -> dict[str, Any]:
    return _input(name=uuid4().hex)


@sample("adminRenameCategory")
async def _rename_category(place: Place) -> dict[str, Any]:
    return _input(categoryId=await _heading(place), name=uuid4().hex)


@sample("adminMergeCategories")
async def _merge_categories(place: Place) -> dict[str, Any]:
    return _input(categoryId=await _heading(place), into=await _heading(place))


@sample("adminDeleteCategory")
async def _delete_category(place: Place) -> dict[str, Any]:
    return _input(categoryId=await _heading(place))


@sample("adminAssignCategories")
async def _assign_categories(place: Place) -> dict[str, Any]:
    ids = [await _heading(place)]
    return _input(entityId=place.shop.id, expectedVersion=1, categoryIds=ids)


async def _user(place: Place) -> str:
    """The id of who asks; for a visitor that of another."""
    return encode_id(IdPrefix.USER, (place.known.user or place.other).user_id)


async def _heading(place: Place) -> str:
    return encode_id(IdPrefix.CATEGORY, (await place.category()).id)


async def _shop(place: Place) -> str:
    return place.shop.id


async def _sale(place: Place) -> str:
    return await place.trading.proposed(place.shop, place.other)


NODES: dict[str, Callable[[Place], Awaitable[str]]] = {
    "Entity": _shop,
    "Transfer": _sale,
    "User": _user,
    "Category": _heading,
}
"""An id of each type that ``node`` finds."""


async def settle(database: Database, graphql: GraphQLClient, known: Known, shop: Member) -> Place:
    """The entity in question with one it may deal with."""
    return Place(database, graphql, shop, await make_member(database), known)
