"""What the mutations of API tokens take and lead to."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.db.models import Scope
from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.identity.token_making import LIFE_MAX, TokenWishes
from mccs_graphql.domain.money import Money
from mccs_graphql.schema.access import access
from mccs_graphql.schema.api_token import ApiToken
from mccs_graphql.schema.ids import IdPrefix, id_of
from mccs_graphql.schema.refusals import (
    ApiTokenNotFound,
    InvalidInput,
    PasswordWrong,
    TooManyApiTokens,
)


@strawberry.input(description="What a token is to be, and the password of who makes it.")
class CreateApiTokenInput:
    entity_id: strawberry.ID = strawberry.field(description="The entity it is to act for.")
    name: str = strawberry.field(
        description="To know it again by; 1 to 100 characters, such as what will use it."
    )
    scopes: list[Scope] = strawberry.field(description="What it may be used for; one at least.")
    daily_amount: Money | None = strawberry.field(
        default=None,
        description="The sum of what it may propose and accept on one day in UTC, whoever pays. "
        "Needed with TRANSFERS, and only with it.",
    )
    expires_at: datetime = strawberry.field(
        description=f"Until when it is good; at most {LIFE_MAX.days} days."
    )
    current_password: str = strawberry.field(
        description="The one you log in with: a token may outlive your session by far."
    )

    def to_wishes(self) -> TokenWishes:
        """As the domain takes it."""
        return TokenWishes(
            entity_id=id_of(IdPrefix.ENTITY, self.entity_id),
            name=self.name,
            scopes=frozenset(self.scopes),
            daily_amount=self.daily_amount,
            expires_at=self.expires_at,
        )


@strawberry.input(description="Which token is to end.")
class RevokeApiTokenInput:
    id: strawberry.ID = strawberry.field(description="One of `Entity.apiTokens`.")


@strawberry.type(
    description="The token is good from now on. Its text is shown here and never again.",
    directives=[access(HOLDER)],
)
class CreateApiTokenPayload:
    token: str = strawberry.field(
        description="`mccs_` and 49 letters, digits, `-` or `_`, of which the last 6 check the "
        "others. Send it as `Authorization: Bearer …`, on a WebSocket as `authorization` in the "
        "payload of `connection_init`. We keep a hash only."
    )
    api_token: ApiToken = strawberry.field(description="What it is.")


@strawberry.type(
    description="The token is dead, also on sockets that are open.", directives=[access(HOLDER)]
)
class RevokeApiTokenPayload:
    api_token: ApiToken = strawberry.field(description="What it was.")


CreateApiTokenResult = Annotated[
    CreateApiTokenPayload | InvalidInput | PasswordWrong | TooManyApiTokens,
    strawberry.union("CreateApiTokenResult", description="What `createApiToken` leads to."),
]
RevokeApiTokenResult = Annotated[
    RevokeApiTokenPayload | ApiTokenNotFound,
    strawberry.union("RevokeApiTokenResult", description="What `revokeApiToken` leads to."),
]
