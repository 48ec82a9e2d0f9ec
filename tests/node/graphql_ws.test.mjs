// The npm package graphql-ws, as docs/web.md shows it.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { createClient } from "graphql-ws";
import WebSocket from "ws";
import { send, startServer } from "./server.mjs";

const PASSWORD = "bread-4-shelves";
const LOG_IN = `mutation ($input: LogInInput!) {
  logIn(input: $input) { ... on LogInPayload { token user { entities { id } } } }
}`;
const PROPOSE = `mutation ($input: ProposeTransferInput!) {
  proposeTransfer(input: $input) { ... on TransferPayload { transfer { id } } ... on UserError { code } }
}`;
const EVENTS = `subscription ($entityId: ID!, $after: String) {
  transferEvents(entityId: $entityId, after: $after) {
    __typename
    ... on LogMessage { cursor }
    ... on TransferEvent { transfer { id } }
  }
}`;

let server, marta, ben;

async function logIn(email) {
  const input = { email, password: PASSWORD };
  const { logIn: found } = await send(server.address, LOG_IN, { variables: { input } });
  return { token: found.token, entityId: found.user.entities[0].id };
}

async function propose(from, to) {
  const input = {
    initiatorId: from.entityId,
    receiver: { id: to.entityId },
    direction: "OUT",
    amount: "1.00",
    idempotencyKey: randomUUID(),
  };
  const data = await send(server.address, PROPOSE, { token: from.token, variables: { input } });
  return data.proposeTransfer.transfer.id;
}

function client(member, options = {}) {
  return createClient({
    url: `ws://${server.address}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: member && { authorization: `Bearer ${member.token}` },
    retryAttempts: 0,
    ...options,
  });
}

function listen(socket, member, cursor = null) {
  const variables = { entityId: member.entityId, after: cursor };
  const messages = socket.iterate({ query: EVENTS, variables });
  return async () => (await messages.next()).value.data.transferEvents;
}

before(async () => {
  server = await startServer();
  [marta, ben] = [await logIn("marta@eskerford.example"), await logIn("ben@eskerford.example")];
});
after(() => server.stop());

test("a proposal is heard live", async () => {
  const socket = client(ben);
  const next = listen(socket, ben);
  assert.equal((await next()).__typename, "CaughtUp");

  const id = await propose(marta, ben);

  const event = await next();
  assert.deepEqual([event.__typename, event.transfer.id], ["TransferProposed", id]);
  await socket.dispose();
});

test("coming back with the cursor brings what was missed, once and in order", async () => {
  const first = client(ben);
  const { cursor } = await listen(first, ben)();
  await first.dispose();
  const missed = [await propose(marta, ben), await propose(marta, ben)];

  const second = client(ben);
  const next = listen(second, ben, cursor);
  const heard = [await next(), await next(), await next()];

  assert.deepEqual(heard.slice(0, 2).map((event) => event.transfer.id), missed);
  assert.equal(heard[2].__typename, "CaughtUp");
  await second.dispose();
});

test("a visitor's subscription is refused with UNAUTHENTICATED", async () => {
  const socket = client(null);
  const messages = socket.iterate({ query: EVENTS, variables: { entityId: ben.entityId } });
  await assert.rejects(messages.next(), (errors) => {
    assert.equal(errors[0].extensions.code, "UNAUTHENTICATED");
    return true;
  });
  await socket.dispose();
});

test("a syntax error ends its operation and leaves the socket to the others", async () => {
  const socket = client(ben, { lazy: false });
  const next = listen(socket, ben);
  await next();

  await assert.rejects(async () => {
    for await (const _ of socket.iterate({ query: "subscription {" }));
  });

  const id = await propose(marta, ben);
  assert.equal((await next()).transfer.id, id);
  await socket.dispose();
});

test("queries run over the socket too", async () => {
  const socket = client(marta);
  const { value } = await socket.iterate({ query: "{ viewer { email } }" }).next();
  assert.equal(value.data.viewer.email, "marta@eskerford.example");
  await socket.dispose();
});
