"""Statements as members ask for them, over the API."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import httpx

from tests.clients import GraphQLClient
from tests.factories import Login, Member

LONG_AGO, FAR_AWAY = "2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"
STATEMENT = """
query Statement(
  $id: ID!, $from: DateTime!, $to: DateTime!,
  $first: Int, $after: String, $last: Int, $before: String
) {
  entity(id: $id) {
    statement(from: $from, to: $to) {
      from to opening closing lineCount
      lines(first: $first, after: $after, last: $last, before: $before) {
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes {
          number postedAt counterpartyName description amount balanceAfter
          transfer { id }
        }
      }
    }
  }
}
"""
BALANCE_AT = """
query BalanceAt($id: ID!, $moment: DateTime!) { entity(id: $id) { balanceAt(moment: $moment) } }
"""
CREATE_LINK = """
mutation CreateLink($input: CreateStatementLinkInput!) {
  createStatementLink(input: $input) {
    __typename
    ... on CreateStatementLinkPayload { url expiresAt }
    ... on UserError { code message path }
    ... on InvalidInput { problems { path code } }
    ... on StatementTooLong { lines most }
  }
}
"""


def now() -> str:
    """The moment, as clients send it."""
    return datetime.now(UTC).isoformat()


@dataclass(frozen=True)
class Statements:
    """Asks for statements of all time, if nothing else is said."""

    graphql: GraphQLClient

    async def read(
        self, of: Member, *, by: Login | None = None, since: str = LONG_AGO, **wishes: Any
    ) -> Any:
        """The statement, or null."""
        asked = {"from": since, "to": FAR_AWAY} | wishes
        data = await self.graphql(STATEMENT, by=by or of, id=of.id, **asked)
        return data["entity"] and data["entity"]["statement"]

    async def balance_at(self, of: Member, moment: str, *, by: Login | None = None) -> Any:
        """The balance at a moment, or null."""
        data = await self.graphql(BALANCE_AT, by=by or of, id=of.id, moment=moment)
        return data["entity"] and data["entity"]["balanceAt"]

    async def link(
        self,
        of: Member,
        format_: str = "CSV",
        *,
        by: Login | None = None,
        since: str = LONG_AGO,
        to: str = FAR_AWAY,
    ) -> dict[str, Any]:
        """What the mutation answers."""
        input_ = {"entityId": of.id, "from": since, "to": to, "format": format_}
        data = await self.graphql(CREATE_LINK, by=by or of, input=input_)
        result: dict[str, Any] = data["createStatementLink"]
        return result

    async def download(self, of: Member, format_: str = "CSV", **wishes: Any) -> httpx.Response:
        """The file, asked for by nobody in particular."""
        link = await self.link(of, format_, **wishes)
        assert link["__typename"] == "CreateStatementLinkPayload", link
        return await self.graphql.http.get(link["url"])

    async def table(self, of: Member, **wishes: Any) -> list[dict[str, str]]:
        """The rows of the table, by column."""
        response = await self.download(of, **wishes)
        assert response.status_code == 200, response.text
        return list(csv.DictReader(StringIO(response.text)))
