// npm install --no-package-lock && npm run build
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const STATIC = fileURLToPath(new URL("../../../mccs_graphql/endpoint/static/", import.meta.url));
const FONTS = /@font-face\s*\{[^}]*\}/g; // 350 kB; the system has fonts too

const style = "node_modules/graphiql/dist/style.css";
const shared = { bundle: true, minify: true, legalComments: "none", metafile: true };
const script = await build({
  ...shared,
  entryPoints: ["editor.jsx"],
  outfile: join(STATIC, "graphiql.js"),
  format: "esm",
  jsx: "automatic",
  define: { "process.env.NODE_ENV": '"production"' },
});
await build({
  ...shared,
  stdin: { contents: readFileSync(style, "utf8").replace(FONTS, ""), loader: "css" },
  outfile: join(STATIC, "graphiql.css"),
});
writeFileSync(join(STATIC, "LICENSES.txt"), licenses(script.metafile));

// What went into the bundle: each licence with the packages that come under it.
function licenses({ inputs }) {
  const folder = /^node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/;
  const packages = new Set(Object.keys(inputs).map((path) => path.match(folder)?.[0]));
  packages.delete(undefined);
  const under = new Map();
  for (const found of [...packages].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(found, "package.json")));
    const text = words(found);
    under.set(text, [...(under.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...under].map(([text, names]) => `== ${names.join(", ")}\n\n${text}\n`).join("\n");
}

function words(folder) {
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
  return file ? readFileSync(join(folder, file), "utf8").trim() : "";
}
