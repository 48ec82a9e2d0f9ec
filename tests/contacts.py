"""Coming in touch as members do it, over the API."""

from typing import Any

from tests.clients import GraphQLClient, new_key
from tests.factories import Member

SET_FAVORITE = """
mutation Set($input: SetFavoriteInput!, $of: ID!) {
  setFavorite(input: $input) {
    __typename
    ... on SetFavoritePayload { entity { id isFavorite(of: $of) } }
    ... on UserError { code path message }
    ... on TooManyFavorites { most }
  }
}"""
CONTACT = """
mutation Contact($input: ContactEntityInput!) {
  contactEntity(input: $input) {
    __typename
    ... on ContactEntityPayload { entity { id email } sentAt }
    ... on UserError { code path message }
    ... on ContactLimitReached { most againAt }
    ... on EntityNotListed { status }
    ... on MessageKeyReused { sentAt }
    ... on InvalidInput { problems { path code } }
  }
}"""
IS_FAVORITE = "query Is($id: ID!, $of: ID!) { entity(id: $id) { isFavorite(of: $of) } }"


class Contacts:
    """What the tests make members do; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient) -> None:
        self._graphql = graphql

    async def favorite(
        self, by: Member, entity_id: str, *, favorite: bool = True
    ) -> dict[str, Any]:
        """Keep an entity as a favourite, or remove it from them."""
        input_ = {"actingFor": by.id, "entityId": entity_id, "favorite": favorite}
        data = await self._graphql(SET_FAVORITE, by=by, input=input_, of=by.id)
        result: dict[str, Any] = data["setFavorite"]
        return result

    async def is_favorite(self, entity: Member, *, of: Member, by: Member | None) -> bool | None:
        """Whether somebody is told that the entity is a favourite."""
        data = await self._graphql(IS_FAVORITE, by=by, id=entity.id, of=of.id)
        found: bool | None = data["entity"]["isFavorite"]
        return found

    async def write(
        self,
        by: Member,
        to: Member | str,
        message: str = "Do you bake on Mondays?",
        *,
        acting_for: Member | None = None,
        key: str | None = None,
    ) -> dict[str, Any]:
        """Write to an entity."""
        input_ = {
            "actingFor": (acting_for or by).id,
            "entityId": to.id if isinstance(to, Member) else to,
            "message": message,
            "idempotencyKey": key or new_key(),
        }
        data = await self._graphql(CONTACT, by=by, input=input_)
        result: dict[str, Any] = data["contactEntity"]
        return result

    async def written(self, by: Member, to: Member, **more: Any) -> dict[str, Any]:
        """What a message leads to that must be taken."""
        result = await self.write(by, to, **more)
        assert result["__typename"] == "ContactEntityPayload", result
        return result
