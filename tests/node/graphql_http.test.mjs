// The server audits of the npm package graphql-http: GraphQL over HTTP to the letter.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { serverAudits } from "graphql-http";
import { startServer } from "./server.mjs";

let server;

before(async () => {
  server = await startServer();
});
after(() => server.stop());

const audits = serverAudits({ url: () => `http://${server.address}/graphql` });

test("there are as many audits as docs/decisions/0010-http.md says", () => {
  assert.equal(audits.length, 61);
});

for (const { id, name, fn } of audits) {
  test(`${id} ${name}`, async () => {
    const { status, reason } = await fn();
    assert.equal(status, "ok", reason);
  });
}
