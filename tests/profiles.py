"""Editing profiles as members do it, over the API."""

from typing import Any

from tests.clients import GraphQLClient
from tests.documents import APPLY, ENTITY, UPDATE_ENTITY, UPDATE_USER
from tests.factories import Member


class Profiles:
    """What the tests make members do; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self._graphql = graphql

    async def seen(self, of: Member, *, by: Member | None = None) -> dict[str, Any]:
        """The entity as somebody sees it."""
        found: dict[str, Any] = (await self._graphql(ENTITY, by=by, id=of.id))["entity"]
        return found

    async def update(self, by: Member, *, version: Any = 1, **patch: Any) -> dict[str, Any]:
        """Change the member's entity."""
        input_ = {"entityId": by.id, "expectedVersion": version} | patch
        return await self._do(UPDATE_ENTITY, by, input_)

    async def updated(self, by: Member, *, version: Any = 1, **patch: Any) -> dict[str, Any]:
        """The entity after a change that must go well."""
        result = await self.update(by, version=version, **patch)
        assert result["__typename"] == "EntityPayload", result
        entity: dict[str, Any] = result["entity"]
        return entity

    async def update_user(self, by: Member, **patch: Any) -> dict[str, Any]:
        """Change the member."""
        return await self._do(UPDATE_USER, by, patch)

    async def apply(self, by: Member, *, version: Any = 1, **patch: Any) -> dict[str, Any]:
        """Apply for trading."""
        return await self._do(APPLY, by, {"entityId": by.id, "expectedVersion": version} | patch)

    async def _do(self, document: str, by: Member, input_: dict[str, Any]) -> dict[str, Any]:
        data = await self._graphql(document, by=by, input=input_)
        (result,) = data.values()
        found: dict[str, Any] = result
        return found


def problems(result: dict[str, Any]) -> dict[str, str]:
    """The codes of an InvalidInput by the paths they are about."""
    assert result["__typename"] == "InvalidInput", result
    return {".".join(problem["path"]): problem["code"] for problem in result["problems"]}


def names(tags: list[dict[str, str]]) -> list[str]:
    return [tag["name"] for tag in tags]
