"""Browsing the directory by its headings, and completing words while they are typed."""

from typing import Annotated

import strawberry

from mccs_graphql.db.models import TagKind
from mccs_graphql.db.models.directory import CATEGORY_MAX
from mccs_graphql.db.queries.categories import find_category, page_of_categories
from mccs_graphql.domain import text
from mccs_graphql.domain.access import EVERYBODY
from mccs_graphql.domain.directory.browsing import TAGS_SHOWN_MAX, complete
from mccs_graphql.domain.directory.wanted import SLUG_MAX
from mccs_graphql.schema.access import access
from mccs_graphql.schema.context import Info
from mccs_graphql.schema.directory import (
    CATEGORY_CURSOR,
    CATEGORY_CURSOR_READERS,
    Category,
    CategoryConnection,
    Tag,
)
from mccs_graphql.schema.pages import After, Before, First, Last, window_of
from mccs_graphql.schema.scalars import refuse

TAGS_SHOWN = 10


@strawberry.type
class BrowsingQuery:
    @strawberry.field(
        description="The headings of the directory in alphabetical order.",
        directives=[access(EVERYBODY)],
    )
    async def categories(
        self,
        info: Info,
        prefix: Annotated[
            str,
            strawberry.argument(
                description="Only those that begin so; letter case and accents do not count."
            ),
        ] = "",
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> CategoryConnection | None:
        text.require(text.problems_of("prefix", prefix, most=CATEGORY_MAX))
        window = window_of(
            CATEGORY_CURSOR,
            *CATEGORY_CURSOR_READERS,
            first=first,
            after=after,
            last=last,
            before=before,
        )
        async with info.context.database.reading() as session:
            page = await page_of_categories(session, window, prefix=prefix)
        return CategoryConnection.of(page, prefix=prefix)

    @strawberry.field(description="The heading with this slug.", directives=[access(EVERYBODY)])
    async def category(
        self,
        info: Info,
        slug: Annotated[str, strawberry.argument(description="Such as `organic-produce`.")],
    ) -> Category | None:
        text.require(text.problems_of("slug", slug, most=SLUG_MAX))
        async with info.context.database.reading() as session:
            row = await find_category(session, slug)
        return Category.of(row) if row else None

    @strawberry.field(
        description="Tags that are like what is being typed, the likest first: the same, those "
        "that begin so, those that have it inside, those that differ by a slip of the pen. Only "
        "those that listed entities carry, or that admins have created.",
        directives=[access(EVERYBODY)],
    )
    async def tags(
        self,
        info: Info,
        search: Annotated[str, strawberry.argument(description="What has been typed so far.")],
        kind: Annotated[
            TagKind | None,
            strawberry.argument(description="Only tags that are offered, or wanted."),
        ] = None,
        first: Annotated[
            int, strawberry.argument(description=f"How many, 1 to {TAGS_SHOWN_MAX}.")
        ] = TAGS_SHOWN,
    ) -> list[Tag] | None:
        if not 1 <= first <= TAGS_SHOWN_MAX:
            refuse(f"Ask for 1 to {TAGS_SHOWN_MAX} tags.")
        async with info.context.database.reading() as session:
            found = await complete(session, search, kind=kind)
        return [Tag(tag_id=hit.tag_id, name=hit.name, since=None) for hit in found[:first]]
