"""Admins look after the words that all share."""

from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, NewListing, Tag, TagKin
from tests.administration.desk import Desk
from tests.audit.test_trail import changes_of, entries_of
from tests.clients import GraphQLClient
from tests.factories import MakeMember, Member
from tests.listings import carry
from tests.profiles import Profiles, names, problems

FIND = "query Find($tag: String!) { entities(filter: {offers: [$tag]}) { nodes { id } } }"
SUGGEST = "query Suggest($typed: String!) { tags(search: $typed, kind: WANT) { name } }"
LONG = "x" * 51


async def suggested(graphql: GraphQLClient, typed: str) -> list[str]:
    return names((await graphql(SUGGEST, typed=typed))["tags"])


async def offers(profiles: Profiles, member: Member) -> list[str]:
    return names((await profiles.seen(member))["offers"])


async def kin_of(database: Database, name: str) -> list[str]:
    async with database.reading() as session:
        own = select(Tag.id).where(Tag.name == name).scalar_subquery()
        kin = select(Tag.name).join(TagKin, TagKin.kin_id == Tag.id)
        return list(await session.scalars(kin.where(TagKin.tag_id == own)))


@pytest.mark.parametrize(
    ("name", "field"), [("adminCreateTag", "name"), ("adminRenameTag", "name")]
)
@pytest.mark.parametrize(
    ("text", "code"),
    [("--", "NOT_A_TAG"), ("", "NOT_A_TAG"), (LONG, "NOT_A_TAG"), ("a\0", "BAD_CHARACTER")],
    ids=["gaps", "empty", "long", "nul"],
)
async def test_name_that_is_no_tag_is_refused(
    desk: Desk, word: str, name: str, field: str, text: str, code: str
) -> None:
    given = {"tag": word} if name == "adminRenameTag" else {}

    result = await desk.do(name, **given, **{field: text})

    assert problems(result) == {field: code}


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("adminRenameTag", {"name": "bread"}),
        ("adminMergeTags", {"into": "bread"}),
        ("adminDeleteTag", {}),
    ],
)
async def test_unknown_tag_is_not_found(
    desk: Desk, word: str, name: str, more: dict[str, Any]
) -> None:
    result = await desk.do(name, tag=word, **more)

    assert (result["code"], result["path"]) == ("TAG_NOT_FOUND", ["tag"])


async def test_reason_that_is_too_long_is_refused(desk: Desk, word: str) -> None:
    result = await desk.do("adminCreateTag", name=word, reason="x" * 501)

    assert problems(result) == {"reason": "TOO_LONG"}


class TestCreating:
    async def test_tag_that_somebody_carries_is_there(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, await make(), offers=[word])

        result = await desk.do("adminCreateTag", name=word.upper())

        assert (result["code"], result["path"]) == ("TAG_EXISTS", ["name"])
        assert result["tag"] == {"name": word, "offerCount": 1}

    async def test_tag_is_created_once(self, desk: Desk, word: str) -> None:
        await desk.do("adminCreateTag", name=word)

        assert (await desk.do("adminCreateTag", name=word))["code"] == "TAG_EXISTS"

    async def test_tag_is_suggested_though_nobody_carries_it(
        self, desk: Desk, graphql: GraphQLClient, word: str
    ) -> None:
        result = await desk.do("adminCreateTag", name=f" {word} Bread ")

        assert result["followed"] == 0
        assert result["tag"] == {"name": f"{word}-bread", "offerCount": 0, "wantCount": 0}
        assert await suggested(graphql, word) == [f"{word}-bread"]

    async def test_word_left_over_is_taken_up_again(
        self, desk: Desk, graphql: GraphQLClient, database: Database, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])
        await carry(database, ana, offers=[])
        assert await suggested(graphql, word) == []

        result = await desk.do("adminCreateTag", name=word)

        assert result["__typename"] == "TagPayload"
        assert await suggested(graphql, word) == [word]

    async def test_new_tag_has_its_kin(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, await make(), offers=[f"fresh-{word}"])

        await desk.do("adminCreateTag", name=word)

        assert await kin_of(database, word) == [f"fresh-{word}"]


class TestRenaming:
    async def test_name_of_another_merges_nothing(
        self, desk: Desk, database: Database, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word, f"{word}-two"])

        result = await desk.do("adminRenameTag", tag=word, name=f"{word}-two")

        assert (result["code"], result["tag"]["name"]) == ("TAG_EXISTS", f"{word}-two")
        assert await offers(profiles, ana) == [word, f"{word}-two"]

    async def test_its_own_name_changes_nothing(
        self, desk: Desk, database: Database, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])

        result = await desk.do("adminRenameTag", tag=word, name=word.upper())

        assert result["followed"] == 0
        assert (await profiles.seen(ana))["version"] == 1

    async def test_entities_follow_listed_or_not(
        self,
        desk: Desk,
        database: Database,
        profiles: Profiles,
        graphql: GraphQLClient,
        make: MakeMember,
        word: str,
    ) -> None:
        ana, hidden = await make(), await make(status=EntityStatus.PENDING)
        await carry(database, ana, offers=[f"{word}-olde"], wants=[f"{word}-olde"])
        await carry(database, hidden, offers=[f"{word}-olde"])

        result = await desk.do("adminRenameTag", tag=f"{word} olde", name=f"{word} new")

        assert result["followed"] == 2
        assert result["tag"] == {"name": f"{word}-new", "offerCount": 1, "wantCount": 1}
        found = (await graphql(FIND, tag=f"{word}-new"))["entities"]["nodes"]
        assert [node["id"] for node in found] == [ana.id]
        assert names((await profiles.seen(hidden, by=hidden))["offers"]) == [f"{word}-new"]

    async def test_who_has_read_the_old_name_is_told(
        self, desk: Desk, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        entity = await profiles.updated(ana, offers=[word])

        await desk.do("adminRenameTag", tag=word, name=f"{word}-new")

        late = await profiles.update(ana, version=entity["version"], offers=[word, "bread"])
        assert late["__typename"] == "EntityChanged"
        assert await offers(profiles, ana) == [f"{word}-new"]

    async def test_kin_follow(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, await make(), offers=[f"{word}a", f"fresh-{word}b"])

        await desk.do("adminRenameTag", tag=f"{word}a", name=f"{word}b")

        assert await kin_of(database, f"{word}b") == [f"fresh-{word}b"]

    async def test_trail_says_from_what_to_what_and_who_followed(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, await make(), offers=[word])

        await desk.do("adminRenameTag", tag=word, name=f"{word}-new", reason="A slip.")

        (entry,) = [
            entry
            for entry in await entries_of(database, "adminRenameTag")
            if entry.actor_id == desk.admin.user_id
        ]
        (change,) = changes_of(entry)
        assert (change["record"], change["what"]) == ("Tag", "CHANGED")
        assert change["fields"] == {"name": [word, f"{word}-new"], "entities": [None, 1]}


class TestMerging:
    async def test_with_itself_is_refused(self, desk: Desk, word: str) -> None:
        result = await desk.do("adminMergeTags", tag=word, into=f" {word.upper()} ")

        assert (result["code"], result["path"]) == ("MERGE_WITH_ITSELF", ["into"])

    async def test_into_what_is_not_there_is_refused(
        self, desk: Desk, database: Database, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])

        result = await desk.do("adminMergeTags", tag=word, into=f"{word}-two")

        assert (result["code"], result["path"]) == ("MERGE_TARGET_NOT_FOUND", ["into"])
        assert await offers(profiles, ana) == [word]

    async def test_earlier_time_counts(
        self, desk: Desk, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana, ben = await make(), await make()
        first = await profiles.updated(ana, offers=[f"{word}s"])
        await profiles.updated(ana, version=2, offers=[f"{word}s", word])
        await profiles.updated(ben, offers=[f"{word}s"])

        result = await desk.do("adminMergeTags", tag=f"{word}s", into=word)

        assert (result["followed"], result["tag"]["offerCount"]) == (2, 2)
        seen = await profiles.seen(ana)
        assert seen["offers"] == [{"name": word, "since": first["offers"][0]["since"]}]
        assert seen["version"] == 4
        assert await offers(profiles, ben) == [word]

    async def test_who_carries_the_other_alone_is_left_alone(
        self, desk: Desk, database: Database, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])
        await desk.do("adminCreateTag", name=f"{word}s")

        result = await desk.do("adminMergeTags", tag=f"{word}s", into=word)

        assert (result["followed"], (await profiles.seen(ana))["version"]) == (0, 1)

    async def test_what_is_left_stays_suggested(
        self, desk: Desk, graphql: GraphQLClient, database: Database, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])
        await carry(database, ana, offers=[])
        await desk.do("adminCreateTag", name=f"{word}s")

        await desk.do("adminMergeTags", tag=f"{word}s", into=word)

        assert await suggested(graphql, word) == [word]

    async def test_new_listings_are_told_of_the_tag_that_stays(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, ana := await make(), offers=[f"{word}s"])
        await carry(database, await make(), wants=[word])

        await desk.do("adminMergeTags", tag=f"{word}s", into=word)

        async with database.reading() as session:
            waiting = await session.scalars(
                select(Tag.name)
                .join(NewListing, NewListing.tag_id == Tag.id)
                .where(NewListing.entity_id == ana.entity_id)
            )
            assert set(waiting) <= {word}  # the housekeeper may have told everybody already

    async def test_trail_says_what_went_where(
        self, desk: Desk, database: Database, make: MakeMember, word: str
    ) -> None:
        await carry(database, await make(), offers=[word])
        await desk.do("adminCreateTag", name=f"{word}s")

        await desk.do("adminMergeTags", tag=word, into=f"{word}s")

        (entry,) = [
            entry
            for entry in await entries_of(database, "adminMergeTags")
            if entry.actor_id == desk.admin.user_id
        ]
        assert [(change["what"], change["fields"]) for change in changes_of(entry)] == [
            ("CHANGED", {"entities": [None, 1]}),
            ("DELETED", {"name": [word, None], "entities": [1, 0]}),
        ]


class TestDeleting:
    async def test_nobody_carries_it_any_more(
        self,
        desk: Desk,
        graphql: GraphQLClient,
        database: Database,
        profiles: Profiles,
        make: MakeMember,
        word: str,
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word], wants=["bread", word])

        result = await desk.do("adminDeleteTag", tag=word)

        assert result == {"__typename": "DeleteTagPayload", "name": word, "followed": 1}
        seen = await profiles.seen(ana)
        assert (seen["offers"], names(seen["wants"]), seen["version"]) == ([], ["bread"], 2)
        assert await suggested(graphql, word) == []

    async def test_members_may_bring_it_back(
        self, desk: Desk, database: Database, profiles: Profiles, make: MakeMember, word: str
    ) -> None:
        ana = await make()
        await carry(database, ana, offers=[word])
        await desk.do("adminDeleteTag", tag=word)

        assert names((await profiles.updated(ana, version=2, offers=[word]))["offers"]) == [word]
