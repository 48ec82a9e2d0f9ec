"""What admins do with limits and transfers, over the API."""

from typing import Any

from tests.clients import GraphQLClient, new_key
from tests.factories import Login, Member

REASON = "Agreed at the meeting."
TRANSFER = """
    id state amount description adminReason cancelledBy cancellationReason admin { id name }
    initiator { id } payer { id } payee { id } reverses { id } reversedBy { id }
    postings { amount balanceAfter number entity { id } }
    history { state asAdmin reason by { id } }
"""
MUTATION = """
mutation Step($input: %s!) {
  result: %s(input: $input) {
    __typename ... on UserError { code path } ... on InvalidInput { problems { path code } }
    %s
  }
}"""
TRANSFER_PAYLOAD = f"... on TransferPayload {{ transfer {{ {TRANSFER} }} }}"
LIMITS = "maxNegativeBalance maxPositiveBalance"
ROOM = "... on PayerLimitExceeded { most } ... on PayeeLimitExceeded { most }"
CHANGE_LIMITS = MUTATION % (
    "ChangeLimitsInput",
    "changeLimits",
    (
        f"... on ChangeLimitsPayload {{ account {{ {LIMITS} balance }} }}"
        f"... on LimitsChanged {{ {LIMITS} }} ... on BalanceOutOfLimits {{ balance }}"
    ),
)
CHANGE_DEFAULT_LIMITS = MUTATION % (
    "ChangeDefaultLimitsInput",
    "changeDefaultLimits",
    (
        f"... on LimitsChanged {{ {LIMITS} }} ... on BalancesOutOfLimits {{ members }}"
        " ... on ChangeDefaultLimitsPayload { followed }"
    ),
)
MAKE = MUTATION % (
    "AdminTransferInput",
    "adminTransfer",
    (
        f"{TRANSFER_PAYLOAD} {ROOM} ... on PayerNotTrading {{ status }}"
        "... on PayeeNotTrading { status }"
    ),
)
CANCEL = MUTATION % (
    "AdminDecisionInput",
    "adminCancelTransfer",
    f"{TRANSFER_PAYLOAD} ... on TransferAlreadyDecided {{ state cancelledBy }}",
)
REVERSE = MUTATION % (
    "AdminDecisionInput",
    "reverseTransfer",
    (
        f"{TRANSFER_PAYLOAD} {ROOM} ... on TransferNotCompleted {{ state }}"
        "... on TransferAlreadyReversed { transferId }"
    ),
)
LOOK = f"query Look($id: ID!) {{ transfer(id: $id) {{ {TRANSFER} }} }}"


def limits(floor: str, ceiling: str) -> dict[str, str]:
    """Limits as the API takes and gives them."""
    return {"maxNegativeBalance": floor, "maxPositiveBalance": ceiling}


class Administration:
    """What the tests make an admin do; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient, admin: Login) -> None:
        self._graphql = graphql
        self.admin = admin

    async def change_limits(
        self,
        of: Member,
        floor: str,
        ceiling: str,
        *,
        expected: dict[str, str] | None = None,
        **more: object,
    ) -> dict[str, Any]:
        """Give an account other limits than those of the factories' members."""
        input_ = limits(floor, ceiling) | {
            "entityId": of.id,
            "expected": expected or limits("100.00", "100.00"),
            "reason": REASON,
        }
        return await self.do(CHANGE_LIMITS, input_ | more)

    async def pay(
        self, payer: Member, payee: Member, amount: object = "10.00", **more: object
    ) -> dict[str, Any]:
        """Make a transfer for two members."""
        input_ = {
            "payerId": payer.id,
            "payeeId": payee.id,
            "amount": amount,
            "reason": REASON,
            "idempotencyKey": new_key(),
        }
        return await self.do(MAKE, input_ | more)

    async def cancel(self, id_: str, **more: object) -> dict[str, Any]:
        """Cancel a proposal."""
        return await self.do(CANCEL, _decision(id_) | more)

    async def reverse(self, id_: str, **more: object) -> dict[str, Any]:
        """Reverse a transfer."""
        return await self.do(REVERSE, _decision(id_) | more)

    async def look(self, id_: str, *, by: Login | None = None) -> dict[str, Any]:
        """A transfer as the admin sees it, or as somebody else does."""
        data = await self._graphql(LOOK, by=by or self.admin, id=id_)
        found: dict[str, Any] = data["transfer"]
        return found

    async def do(self, document: str, input_: dict[str, object]) -> dict[str, Any]:
        """Send a mutation of one input."""
        data = await self._graphql(document, by=self.admin, input=input_)
        result: dict[str, Any] = data["result"]
        return result


def _decision(id_: str) -> dict[str, object]:
    return {"transferId": id_, "reason": REASON, "idempotencyKey": new_key()}
