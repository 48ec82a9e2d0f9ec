"""The type of ``info`` in every resolver."""

from typing import TYPE_CHECKING

import strawberry

from mccs_graphql.context import Context

if TYPE_CHECKING:
    Info = strawberry.Info[Context, None]
else:
    Info = strawberry.Info
