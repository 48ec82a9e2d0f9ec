"""The kin of tags as it is kept."""

import asyncio

from sqlalchemy import delete, select
from sqlalchemy.orm import aliased

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityTag, Tag, TagKin
from mccs_graphql.db.queries import kin as queries
from mccs_graphql.db.queries.kin import KIN_MAX
from tests.factories import make_member
from tests.listings import carry


async def kin(database: Database) -> set[tuple[str, str]]:
    """All kin by name, each from both sides."""
    one, other = aliased(Tag), aliased(Tag)
    async with database.reading() as session:
        rows = await session.execute(
            select(one.name, other.name)
            .join_from(TagKin, one, one.id == TagKin.tag_id)
            .join(other, other.id == TagKin.kin_id)
        )
        return {(row[0], row[1]) for row in rows}


async def test_tag_gets_its_kin_when_it_is_created(empty_database: Database) -> None:
    ana = await make_member(empty_database)

    await carry(empty_database, ana, offers=["bread", "carpentry"])
    await carry(empty_database, ana, wants=["rye-bread", "car", "breads"])

    found = await kin(empty_database)
    assert found == {(other, one) for one, other in found}
    assert {pair for pair in found if pair[0] < pair[1]} == {
        ("bread", "breads"),
        ("bread", "rye-bread"),
        ("breads", "rye-bread"),
    }


async def test_new_tags_of_several_members_at_once_find_each_other(
    empty_database: Database,
) -> None:
    words = ["bread", "breads", "rye-bread", "dark-bread", "bread-rolls", "sweet-bread"]
    found = [await make_member(empty_database) for _ in words]

    await asyncio.gather(
        *(
            carry(empty_database, member, offers=[word], wants=[f"flour-{word}"])
            for member, word in zip(found, words, strict=True)
        )
    )

    pairs = await kin(empty_database)
    assert {("bread", word) for word in words[1:]} <= pairs
    assert {(word, "bread") for word in words[1:]} <= pairs


async def test_tag_has_no_more_kin_than_a_tag_may_have(empty_database: Database) -> None:
    ana = await make_member(empty_database)
    for letter in "abcdefghijklmnopqrstuvwxyz":
        await carry(empty_database, ana, offers=[f"{letter * 5}-bread"])

    await carry(empty_database, ana, offers=["bread"])
    await carry(empty_database, ana, offers=["bread", "last-bread"])

    of_bread = {other for one, other in await kin(empty_database) if one == "bread"}
    assert len(of_bread) == KIN_MAX


async def test_kin_goes_with_the_tag_and_can_be_forgotten(empty_database: Database) -> None:
    ana = await make_member(empty_database)
    await carry(empty_database, ana, offers=["bread", "breads", "rye-bread"])

    async with empty_database.writing() as session:
        gone = await session.scalars(select(Tag.id).where(Tag.name == "breads"))
        await queries.forget(session, gone.all())
    assert await kin(empty_database) == {("bread", "rye-bread"), ("rye-bread", "bread")}

    async with empty_database.writing() as session:
        await session.execute(delete(EntityTag))
        await session.execute(delete(Tag).where(Tag.name == "bread"))
    assert await kin(empty_database) == set()
