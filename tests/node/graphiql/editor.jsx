// GraphiQL for the endpoint that serves this page. Headers of the editor also open the socket.
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

const url = new URL("graphql", location.href);
const subscriptionUrl = Object.assign(new URL(url), {
  protocol: url.protocol === "https:" ? "wss:" : "ws:",
});
const fetcher = createGraphiQLFetcher({ url: url.href, subscriptionUrl: subscriptionUrl.href });
const welcome = `# Log in first, then send the token in the headers below:
# { "Authorization": "Bearer ..." }

{
  viewer {
    email
  }
}
`;

createRoot(document.getElementById("editor")).render(
  <GraphiQL fetcher={fetcher} defaultEditorToolsVisibility="headers" defaultQuery={welcome} />,
);
