"""Admins at work, over the API."""

from typing import Any

from graphql import GraphQLUnionType, get_named_type

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.access.expected import fields_of
from tests.clients import GraphQLClient
from tests.factories import Login, Member, make_admin

MORE = {
    "EntityChanged": "version changed",
    "UserChanged": "version changed",
    "BalanceNotSettled": "balance",
    "ProposalsOpen": "open",
    "LastOwner": "entities",
    "InvalidInput": "problems { path code }",
    "TagExists": "tag { name offerCount }",
    "CategoryExists": "category { id name }",
    "CategoriesNotFound": "places",
}
"""What some refusals say besides."""
ENTITY = "entity { id name status version deletedAt }"
TAG = "... on TagPayload { followed tag { name offerCount wantCount } }"
CATEGORY = "... on CategoryPayload { followed category { id name slug entityCount } }"
FILED = "entity { id version categories { id name } }"
USER = "user { id email firstName lastName telephone version deletedAt entities { id } }"
DOCUMENTS = {
    "adminUpdateEntity": f"... on EntityPayload {{ {ENTITY} }}",
    "adminUpdateUser": f"... on UserPayload {{ {USER} }}",
    "changeEntityStatus": f"... on EntityStatusPayload {{ from to {ENTITY} }}",
    "changeEntityStatuses": """
      ... on EntityStatusesPayload { outcomes { entityId change { from to } refusal { code } } }
    """,
    "linkUser": f"... on AssociationPayload {{ {USER} }}",
    "unlinkUser": f"... on AssociationPayload {{ {USER} }}",
    "deleteEntity": f"""
      ... on DeleteEntityPayload {{
        cancelledProposals settlement {{ state amount payer {{ id }} payee {{ id }} }} {ENTITY}
      }}
    """,
    "deleteUser": f"... on DeleteUserPayload {{ {USER} }}",
    **dict.fromkeys(("adminCreateTag", "adminRenameTag", "adminMergeTags"), TAG),
    "adminDeleteTag": "... on DeleteTagPayload { name followed }",
    **dict.fromkeys(
        ("adminCreateCategory", "adminRenameCategory", "adminMergeCategories"), CATEGORY
    ),
    "adminDeleteCategory": "... on DeleteCategoryPayload { categoryId name followed }",
    "adminAssignCategories": f"... on EntityPayload {{ {FILED} }}",
}


class Desk:
    """What one admin does; each answers the mutation's result."""

    def __init__(self, graphql: GraphQLClient, admin: Login) -> None:
        self.graphql = graphql
        self.admin = admin

    @classmethod
    async def of(
        cls, graphql: GraphQLClient, database: Database, role: AdminRole = AdminRole.ADMIN
    ) -> "Desk":
        """The desk of a new admin."""
        return cls(graphql, await make_admin(database, role))

    async def do(self, name: str, /, **input_: Any) -> dict[str, Any]:
        """Carry out a mutation."""
        type_, field = f"{name[0].upper()}{name[1:]}", fields_of("Mutation")[name]
        result = get_named_type(field.type)
        assert isinstance(result, GraphQLUnionType)
        known = [each.name for each in result.types if each.name in MORE]
        more = " ".join(f"... on {each} {{ {MORE[each]} }}" for each in known)
        document = (
            f"mutation Do($input: {type_}Input!) {{ {name}(input: $input) {{ __typename "
            f"... on UserError {{ code path }} {DOCUMENTS[name]} {more} }} }}"
        )
        data = await self.graphql(document, by=self.admin, input=input_)
        answer: dict[str, Any] = data[name]
        return answer

    async def heading(self, name: str) -> str:
        """The id of a new category."""
        id_: str = (await self.do("adminCreateCategory", name=name))["category"]["id"]
        return id_

    async def file(self, member: Member, *ids: str, version: int = 1) -> dict[str, Any]:
        """Assign categories to an entity."""
        given = {"entityId": member.id, "expectedVersion": version, "categoryIds": ids}
        return await self.do("adminAssignCategories", **given)

    async def decide(self, about: Member, to: str, *, version: int = 1, **more: Any) -> Any:
        """Change the status of an entity."""
        given = {"entityId": about.id, "expectedVersion": version, "to": to}
        return await self.do("changeEntityStatus", **given, **more)

    async def delete(self, entity: Member, *, version: int = 1, **more: Any) -> Any:
        """Delete an entity."""
        return await self.do("deleteEntity", entityId=entity.id, expectedVersion=version, **more)

    async def delete_user(self, member: Member, *, version: int = 1) -> Any:
        """Delete a user."""
        return await self.do("deleteUser", userId=user_id(member), expectedVersion=version)


def user_id(member: Login) -> str:
    """The id of a user as clients see it."""
    return encode_id(IdPrefix.USER, member.user_id)
