"""What it costs to curate, in SQL statements: the same for one carrier and for fifty."""

from contextlib import AbstractContextManager
from uuid import uuid4

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Category, EntityCategory
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.administration.desk import Desk
from tests.factories import MakeMember
from tests.listings import carry

LOOKED_UP = 2
"""Who asks; and that nobody else changes words or what carries them."""
OF_TAGS = {
    "adminRenameTag": LOOKED_UP + 8,
    "adminMergeTags": LOOKED_UP + 9,
    "adminDeleteTag": LOOKED_UP + 6,
}
OF_CATEGORIES = {
    "adminRenameCategory": LOOKED_UP + 8,
    "adminMergeCategories": LOOKED_UP + 7,
    "adminDeleteCategory": LOOKED_UP + 5,
}


@pytest.mark.parametrize("carriers", [1, 50])
@pytest.mark.parametrize("name", OF_TAGS)
async def test_tag(
    desk: Desk,
    database: Database,
    make: MakeMember,
    counting: AbstractContextManager[list[str]],
    word: str,
    name: str,
    carriers: int,
) -> None:
    for _ in range(carriers):
        await carry(database, await make(), offers=[word], wants=[word])
    new, other = uuid4().hex, uuid4().hex
    await desk.do("adminCreateTag", name=other)
    more = {"adminRenameTag": {"name": new}, "adminMergeTags": {"into": other}}

    with counting as statements:
        result = await desk.do(name, tag=word, **more.get(name, {}))

    assert result["followed"] == carriers
    assert len(statements) == OF_TAGS[name], statements


@pytest.mark.parametrize("filed", [1, 50])
@pytest.mark.parametrize("name", OF_CATEGORIES)
async def test_category(
    desk: Desk,
    database: Database,
    make: MakeMember,
    counting: AbstractContextManager[list[str]],
    word: str,
    name: str,
    filed: int,
) -> None:
    members = [await make() for _ in range(filed)]
    heading, other = Category(name=word), await desk.heading(f"{word} b")
    async with database.writing() as session:
        session.add(heading)
        await session.flush()
        session.add_all(
            EntityCategory(entity_id=member.entity_id, category_id=heading.id) for member in members
        )
    more = {"adminRenameCategory": {"name": f"{word} c"}, "adminMergeCategories": {"into": other}}

    with counting as statements:
        result = await desk.do(
            name, categoryId=encode_id(IdPrefix.CATEGORY, heading.id), **more.get(name, {})
        )

    assert result["followed"] == filed
    assert len(statements) == OF_CATEGORIES[name], statements
