"""A member's client for the demo: everything over one graphql-transport-ws socket."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.typing import Subprotocol

SIGN_UP = """mutation ($input: SignUpInput!) { signUp(input: $input) {
  ... on SignUpPayload { token entity { id name } } ... on UserError { message } } }"""
PROPOSE = """mutation ($input: ProposeTransferInput!) { proposeTransfer(input: $input) {
  ... on TransferPayload { transfer { id } } ... on UserError { message } } }"""
ACCEPT = """mutation ($input: AcceptTransferInput!) { acceptTransfer(input: $input) {
  ... on TransferPayload { transfer { id } } ... on UserError { message } } }"""
BALANCE = "query ($id: ID!) { entity(id: $id) { account { balance unit } } }"
LISTEN = """subscription ($id: ID!) { transferEvents(entityId: $id) { __typename
  ... on LogMessage { cursor }
  ... on TransferEvent { transfer { amount state payerName payeeName } } } }"""


@dataclass(frozen=True)
class Member:
    """One who has signed up."""

    token: str
    id: str
    name: str


class Client:
    """Sends operations and reads what they answer; one at a time but for a subscription."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._ids = map(str, count(1))
        self._unread: dict[str, list[dict[str, Any]]] = {}

    async def sign_up(self, email: str, password: str, name: str) -> Member:
        """Become a member."""
        found = await self._ask(SIGN_UP, email=email, password=password, entityName=name)
        return Member(found["token"], found["entity"]["id"], found["entity"]["name"])

    async def propose(self, payer: Member, payee: Member, amount: str) -> str:
        """Propose to pay; the id of the transfer."""
        found = await self._ask(
            PROPOSE,
            initiatorId=payer.id,
            receiver={"id": payee.id},
            direction="OUT",
            amount=amount,
            idempotencyKey=str(uuid4()),
        )
        id_: str = found["transfer"]["id"]
        return id_

    async def accept(self, transfer_id: str) -> None:
        """Accept a transfer."""
        await self._ask(ACCEPT, transferId=transfer_id, idempotencyKey=str(uuid4()))

    async def balance(self, member: Member) -> str:
        """The balance with its unit."""
        account = (await self._first(await self._send(BALANCE, {"id": member.id})))["account"]
        return f"{account['balance']} {account['unit']}"

    async def subscribe(self, member: Member) -> AsyncIterator[dict[str, Any]]:
        """Listen to the transfers of the member's entity."""
        return self._values(await self._send(LISTEN, {"id": member.id}))

    async def _ask(self, document: str, **input_: object) -> dict[str, Any]:
        found = await self._first(await self._send(document, {"input": input_}))
        if "message" in found:
            raise RuntimeError(found["message"])
        return found

    async def _send(self, document: str, variables: dict[str, object]) -> str:
        id_ = next(self._ids)
        self._unread[id_] = []
        payload = {"query": document, "variables": variables}
        await self._say(type="subscribe", id=id_, payload=payload)
        return id_

    async def _first(self, id_: str) -> dict[str, Any]:
        return await anext(self._values(id_))

    async def _values(self, id_: str) -> AsyncIterator[dict[str, Any]]:
        """What the messages of one operation carry; those of others wait their turn."""
        while True:
            while not self._unread[id_]:
                message = orjson.loads(await self._socket.recv())
                if message["type"] == "next":
                    self._unread[message["id"]].append(message["payload"])
                elif message["type"] == "error":
                    raise RuntimeError(message["payload"][0]["message"])
            payload = self._unread[id_].pop(0)
            if payload.get("errors"):
                raise RuntimeError(payload["errors"][0]["message"])
            (value,) = payload["data"].values()
            yield value

    async def _say(self, **message: object) -> None:
        await self._socket.send(orjson.dumps(message).decode())


@asynccontextmanager
async def connect(address: str, member: Member | None = None) -> AsyncIterator[Client]:
    """A client of the API at ``host:port``, logged in as the member."""
    protocol = Subprotocol("graphql-transport-ws")
    async with open_socket(f"ws://{address}/graphql", subprotocols=[protocol]) as socket:
        token = {"authorization": f"Bearer {member.token}"} if member else {}
        await socket.send(orjson.dumps({"type": "connection_init", "payload": token}).decode())
        await socket.recv()
        yield Client(socket)
