// A running mccs with its sample community, for the time of the tests.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, chmodSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const MCCS = fileURLToPath(new URL("../../.venv/bin/mccs", import.meta.url));
const START_MS = 60_000;

export async function startServer() {
  const folder = mkdtempSync(join(tmpdir(), "mccs-node-"));
  chmodSync(folder, 0o755); // as root, PostgreSQL runs as another user, who passes through
  const { DATABASE_URL, REDIS_URL, ...env } = process.env;
  const child = spawn(MCCS, ["serve", "--folder", join(folder, "data"), "--port", "0"], { env });
  const address = await new Promise((resolve, reject) => {
    let said = "";
    const listen = (text) => {
      said += text;
      const found = said.match(/http:\/\/(127\.0\.0\.1:\d+)\/graphql/);
      if (found) resolve(found[1]);
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.on("exit", () => reject(new Error(`mccs ended: ${said}`)));
    setTimeout(() => reject(new Error(`mccs did not start: ${said}`)), START_MS).unref();
  });
  return {
    address,
    async stop() {
      const ended = new Promise((resolve) => child.on("exit", resolve));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

export async function send(address, query, { token, variables } = {}) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const body = JSON.stringify({ query, variables });
  const response = await fetch(`http://${address}/graphql`, { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}
