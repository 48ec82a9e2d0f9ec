"""Sending documents with variables that no proper client could write."""

import json
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.clients import GraphQLClient, new_key
from tests.factories import MakeMember, Member
from tests.trading import Trading

MUTATION = """
mutation Do($input: %s!) {
  result: %s(input: $input) {
    __typename ... on UserError { code path } ... on InvalidInput { problems { path code } }
  }
}"""
WITHOUT_PROBLEMS = """
mutation Do($input: %s!) {
  result: %s(input: $input) { __typename ... on UserError { code path } }
}"""
DOCUMENTS = {
    "signUp": MUTATION % ("SignUpInput", "signUp"),
    "logIn": MUTATION % ("LogInInput", "logIn"),
    "refresh": MUTATION % ("RefreshSessionInput", "refreshSession"),
    "endSession": MUTATION % ("EndSessionInput", "endSession"),
    "changePassword": MUTATION % ("ChangePasswordInput", "changePassword"),
    "requestReset": MUTATION % ("RequestPasswordResetInput", "requestPasswordReset"),
    "reset": MUTATION % ("ResetPasswordInput", "resetPassword"),
    "verifyEmail": MUTATION % ("MailTokenInput", "verifyEmail"),
    "changeEmail": MUTATION % ("RequestEmailChangeInput", "requestEmailChange"),
    "confirmEmail": MUTATION % ("MailTokenInput", "confirmEmailChange"),
    "cancelEmail": MUTATION % ("MailTokenInput", "cancelEmailChange"),
    "beginFactor": MUTATION % ("BeginSecondFactorInput", "beginSecondFactor"),
    "confirmFactor": MUTATION % ("ConfirmSecondFactorInput", "confirmSecondFactor"),
    "removeFactor": MUTATION % ("RemoveSecondFactorInput", "removeSecondFactor"),
    "renewCodes": MUTATION % ("RenewRecoveryCodesInput", "renewRecoveryCodes"),
    "invite": MUTATION % ("InviteMemberInput", "inviteMember"),
    "withdraw": WITHOUT_PROBLEMS % ("WithdrawInvitationInput", "withdrawInvitation"),
    "join": WITHOUT_PROBLEMS % ("InvitationTokenInput", "acceptInvitation"),
    "decline": WITHOUT_PROBLEMS % ("InvitationTokenInput", "declineInvitation"),
    "signUpInvited": MUTATION % ("SignUpWithInvitationInput", "signUpWithInvitation"),
    "changeRole": WITHOUT_PROBLEMS % ("ChangeMemberRoleInput", "changeMemberRole"),
    "remove": WITHOUT_PROBLEMS % ("RemoveMemberInput", "removeMember"),
    "leave": WITHOUT_PROBLEMS % ("LeaveEntityInput", "leaveEntity"),
    "found": MUTATION % ("CreateEntityInput", "createEntity"),
    "createApiToken": MUTATION % ("CreateApiTokenInput", "createApiToken"),
    "revokeApiToken": MUTATION % ("RevokeApiTokenInput", "revokeApiToken"),
    "propose": MUTATION % ("ProposeTransferInput", "proposeTransfer"),
    "accept": """
        mutation Do($input: AcceptTransferInput!) {
          result: acceptTransfer(input: $input) { __typename ... on UserError { code path } }
        }""",
    "reject": MUTATION % ("EndTransferInput", "rejectTransfer"),
    "cancel": MUTATION % ("EndTransferInput", "cancelTransfer"),
    "setFavorite": """
        mutation Do($input: SetFavoriteInput!) {
          result: setFavorite(input: $input) { __typename ... on UserError { code path } }
        }""",
    "contact": MUTATION % ("ContactEntityInput", "contactEntity"),
    "check": """
        query Check($input: CheckTransferInput!) {
          result: checkTransfer(input: $input) { possible refusals { code path } }
        }""",
    "entity": "query Q($id: ID!) { result: entity(id: $id) { id } }",
    "transfer": "query Q($id: ID!) { result: transfer(id: $id) { id } }",
    "node": "query Q($id: ID!) { result: node(id: $id) { id } }",
    "nodes": "query Q($id: ID!) { result: nodes(ids: [$id]) { id } }",
    "entities": """
        query Q($namePrefix: String, $after: String, $before: String) {
          result: entities(filter: {namePrefix: $namePrefix}, after: $after, before: $before) {
            nodes { id }
          }
        }""",
    "transfers": """
        query Q($id: ID!, $filter: TransferFilterInput, $after: String, $before: String) {
          result: entity(id: $id) {
            transfers(filter: $filter, after: $after, before: $before) { nodes { id } }
          }
        }""",
}


@dataclass(frozen=True)
class Stage:
    """Ana, who has proposed a transfer to Ben."""

    ana: Member
    ben: Member
    transfer_id: str
    graphql: GraphQLClient

    def variables(self, name: str) -> dict[str, Any]:
        """What a document takes when there is nothing wrong."""
        terms = {
            "initiatorId": self.ana.id,
            "receiver": {"id": self.ben.id},
            "direction": "OUT",
            "amount": "1.00",
        }
        decision = {"transferId": self.transfer_id, "idempotencyKey": new_key()}
        shop = {"entityId": self.ana.id}
        pair = {"actingFor": self.ana.id, "entityId": self.ben.id}
        account = {"email": f"{uuid4().hex}@example.com", "password": "correct-horse-9"}
        api_token = {
            "entityId": self.ana.id,
            "name": "Robot",
            "scopes": ["TRANSFERS"],
            "dailyAmount": "1.00",
            "expiresAt": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
            "currentPassword": "x",
        }
        variables: dict[str, dict[str, Any]] = {
            "signUp": {"input": account | {"entityName": "The Bakery"}},
            "logIn": {"input": account},
            "refresh": {"input": {"refreshToken": "x"}},
            "endSession": {"input": {"id": "x"}},
            "changePassword": {"input": {"currentPassword": "x", "newPassword": "horse-9-x"}},
            "requestReset": {"input": {"email": account["email"]}},
            "reset": {"input": {"token": "x", "newPassword": "correct-horse-9"}},
            "changeEmail": {"input": {"newEmail": account["email"], "currentPassword": "x"}},
            "verifyEmail": {"input": {"token": "x"}},
            "confirmEmail": {"input": {"token": "x"}},
            "cancelEmail": {"input": {"token": "x"}},
            "beginFactor": {"input": {"currentPassword": "x"}},
            "confirmFactor": {"input": {"code": "123456"}},
            "removeFactor": {"input": {"currentPassword": "x", "code": "123456"}},
            "renewCodes": {"input": {"code": "123456"}},
            "invite": {"input": shop | {"email": account["email"], "role": "VIEWER"}},
            "withdraw": {"input": shop | {"invitationId": "x"}},
            **{name: {"input": {"token": "x"}} for name in ("join", "decline")},
            "signUpInvited": {"input": {"token": "x", "password": account["password"]}},
            "changeRole": {"input": shop | {"userId": "x", "role": "VIEWER"}},
            "remove": {"input": shop | {"userId": "x"}},
            "leave": {"input": shop},
            "found": {"input": {"name": "The Mill"}},
            "createApiToken": {"input": api_token},
            "revokeApiToken": {"input": {"id": "x"}},
            "propose": {"input": terms | {"idempotencyKey": new_key()}},
            "setFavorite": {"input": pair | {"favorite": True}},
            "contact": {"input": pair | {"message": "Hello", "idempotencyKey": new_key()}},
            "check": {"input": {"proposal": terms}},
            "entities": {},
            "transfers": {"id": self.ana.id},
        }
        deciding = name in ("accept", "reject", "cancel")
        return variables.get(name, {"input": decision} if deciding else {})

    async def send(self, document: str, variables: object) -> "Answer":
        """Whatever the variables are, also what no proper client could write."""
        response = await self.graphql.http.post(
            "/graphql",
            content=json.dumps({"query": document, "variables": variables}),
            headers={
                "Authorization": f"Bearer {self.ana.token}",
                "Content-Type": "application/json",
            },
        )
        assert response.status_code < 500, response.text
        return Answer(response.json())

    async def propose(self, **wishes: object) -> str | None:
        """The code a proposal with these wishes gets."""
        variables = {"input": self.variables("propose")["input"] | wishes}
        return (await self.send(DOCUMENTS["propose"], variables)).code


@dataclass(frozen=True)
class Answer:
    """An answer in which nothing may be a fault of ours."""

    body: dict[str, Any]

    def __post_init__(self) -> None:
        codes = [error["extensions"]["code"] for error in self.body.get("errors", ())]
        assert not {"INTERNAL_SERVER_ERROR", "UNAVAILABLE"} & set(codes), self.body

    @property
    def result(self) -> Any:
        """What the field came to."""
        return (self.body.get("data") or {}).get("result")

    @property
    def code(self) -> str | None:
        """Of the first error, or of the refusal; None if all went well."""
        if self.body.get("errors"):
            code: str = self.body["errors"][0]["extensions"]["code"]
            return code
        if not isinstance(self.result, dict):
            return None
        found: str | None = (self.result.get("refusals") or [self.result])[0].get("code")
        return found


async def set_stage(graphql: GraphQLClient, make: MakeMember, trading: Trading) -> Stage:
    """Two members and the open transfer between them."""
    ana, ben = await make(), await make()
    return Stage(ana, ben, await trading.proposed(ana, ben), graphql)


def put(variables: dict[str, Any], path: tuple[str, ...], value: object) -> dict[str, Any]:
    """The variables with another value at a path; a choice of one gets only this one."""
    changed = deepcopy(variables)
    *outer, last = path
    place = changed
    for step in outer:
        place = place.setdefault(step, {})
    if last in ("id", "accountNumber", "acceptanceOf") and outer:
        place.clear()
    place[last] = value
    return changed


def finds_nothing(result: object) -> bool:
    return result in (
        *(None, [None], {"nodes": []}),
        *({"transfers": None}, {"transfers": {"nodes": []}}),
    )
