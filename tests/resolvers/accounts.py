"""Members with a password, and what they do about it and their address."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from mccs_graphql.schema.ids import decode_id
from tests.clients import GraphQLClient
from tests.resolvers.test_identity import PASSWORD, new_email, signed_up

CHANGE_PASSWORD = """
mutation Change($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    __typename ... on ChangePasswordPayload { endedSessions } ... on UserError { code path }
    ... on InvalidInput { problems { path code } }
  }
}"""
REQUEST_RESET = """
mutation Request($input: RequestPasswordResetInput!) {
  requestPasswordReset(input: $input) {
    __typename ... on RequestPasswordResetPayload { accepted } ... on UserError { code path }
    ... on InvalidInput { problems { path code } }
  }
}"""
RESET = """
mutation Reset($input: ResetPasswordInput!) {
  resetPassword(input: $input) {
    __typename ... on ResetPasswordPayload { reset } ... on UserError { code path }
    ... on InvalidInput { problems { path code } }
  }
}"""
REQUEST_CHANGE = """
mutation Request($input: RequestEmailChangeInput!) {
  requestEmailChange(input: $input) {
    __typename ... on RequestEmailChangePayload { user { email pendingEmail } }
    ... on UserError { code path } ... on InvalidInput { problems { path code } }
  }
}"""
WITH_TOKEN = """
mutation Use($input: MailTokenInput!) {
  %s(input: $input) {
    __typename ... on UserEmailPayload { email } ... on UserError { code path }
  }
}"""
VERIFY, CONFIRM, CANCEL = (
    WITH_TOKEN % name for name in ("verifyEmail", "confirmEmailChange", "cancelEmailChange")
)
ACCOUNT = "{ viewer { email pendingEmail emailVerifiedAt } }"

Do = Callable[..., Awaitable[dict[str, Any]]]


@dataclass(frozen=True)
class Account:
    """Somebody who has signed up, with a session and the password PASSWORD."""

    user_id: UUID
    email: str
    token: str
    refresh_token: str
    entity_id: str


def doing(graphql: GraphQLClient, document: str) -> Do:
    """Sends a mutation of one field; gives what that leads to."""

    async def do(*, by: Account | None = None, **input_: str) -> dict[str, Any]:
        data = await graphql(document, by=by.token if by else None, input=input_)
        (found,) = data.values()
        result: dict[str, Any] = found
        return result

    return do


async def open_account(graphql: GraphQLClient) -> Account:
    """Sign up."""
    found = await signed_up(graphql, email=new_email(), password=PASSWORD)
    viewer = (await graphql("{ viewer { id email } }", by=found["token"]))["viewer"]
    decoded = decode_id(viewer["id"])
    assert decoded
    return Account(
        user_id=decoded[1],
        email=viewer["email"],
        token=found["token"],
        refresh_token=found["refreshToken"],
        entity_id=found["entity"]["id"],
    )
