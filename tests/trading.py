"""Trading as members do it, over the API."""

from typing import Any

from tests.clients import GraphQLClient, new_key
from tests.documents import ACCEPT, BALANCE, CANCEL, PROPOSE, REJECT, TRANSFERS
from tests.factories import Member


class Trading:
    """What the tests make members do; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self._graphql = graphql

    async def propose(
        self,
        by: Member,
        to: Member | dict[str, str],
        amount: object = "10.00",
        *,
        direction: str = "OUT",
        key: str | None = None,
        **more: object,
    ) -> dict[str, Any]:
        """Propose a transfer to a member, or to whatever a receiver input says."""
        input_ = {
            "initiatorId": by.id,
            "receiver": {"id": to.id} if isinstance(to, Member) else to,
            "direction": direction,
            "amount": amount,
            "idempotencyKey": key or new_key(),
        } | more
        return await self._do(PROPOSE, by, input_)

    async def proposed(self, by: Member, to: Member, amount: str = "10.00", **more: Any) -> str:
        """The id of a new proposal."""
        result = await self.propose(by, to, amount, **more)
        assert result["__typename"] == "TransferPayload", result
        id_: str = result["transfer"]["id"]
        return id_

    async def accept(self, by: Member, id_: str, *, key: str | None = None) -> dict[str, Any]:
        """Accept a transfer."""
        return await self._do(ACCEPT, by, {"transferId": id_, "idempotencyKey": key or new_key()})

    async def reject(self, by: Member, id_: str, **more: Any) -> dict[str, Any]:
        """Reject a transfer."""
        return await self._do(REJECT, by, _decision(id_, **more))

    async def cancel(self, by: Member, id_: str, **more: Any) -> dict[str, Any]:
        """Cancel a transfer."""
        return await self._do(CANCEL, by, _decision(id_, **more))

    async def pay(self, by: Member, to: Member, amount: str) -> str:
        """Propose and accept; the id of the completed transfer."""
        id_ = await self.proposed(by, to, amount)
        result = await self.accept(to, id_)
        assert result["__typename"] == "TransferPayload", result
        return id_

    async def balance(self, of: Member) -> str:
        """The balance as its owner sees it."""
        data = await self._graphql(BALANCE, by=of, id=of.id)
        balance: str = data["entity"]["account"]["balance"]
        return balance

    async def transfers(self, of: Member) -> list[dict[str, Any]]:
        """The latest hundred transfers as their owner sees them, newest first."""
        data = await self._graphql(TRANSFERS, by=of, id=of.id)
        found: list[dict[str, Any]] = data["entity"]["transfers"]["nodes"]
        return found

    async def _do(self, document: str, by: Member, input_: dict[str, Any]) -> dict[str, Any]:
        data = await self._graphql(document, by=by, input=input_)
        (result,) = data.values()
        found: dict[str, Any] = result
        return found


def _decision(id_: str, *, key: str | None = None, reason: str | None = None) -> dict[str, Any]:
    return {"transferId": id_, "idempotencyKey": key or new_key(), "reason": reason}
