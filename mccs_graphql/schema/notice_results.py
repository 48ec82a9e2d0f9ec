"""What the mutations of notices take and lead to."""

from datetime import datetime
from typing import Annotated

import strawberry

from mccs_graphql.domain.access import HOLDER
from mccs_graphql.domain.notices.reading import IDS_MAX
from mccs_graphql.schema.access import access
from mccs_graphql.schema.notice import UNREAD
from mccs_graphql.schema.refusals import InvalidInput


@strawberry.input(one_of=True, description="Which notices you have read: say one of the two.")
class MarkNoticesReadInput:
    ids: strawberry.Maybe[list[strawberry.ID]] = strawberry.field(
        description=f"The ids of notices, at most {IDS_MAX}; those that are not yours do not count."
    )
    all_before: strawberry.Maybe[datetime] = strawberry.field(
        description="All that were made before this moment."
    )


@strawberry.type(description="The notices count as read.", directives=[access(HOLDER)])
class MarkNoticesReadPayload:
    unread_count: int = strawberry.field(description=UNREAD)


MarkNoticesReadResult = Annotated[
    MarkNoticesReadPayload | InvalidInput,
    strawberry.union("MarkNoticesReadResult", description="What `markNoticesRead` leads to."),
]
