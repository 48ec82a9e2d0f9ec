"""What entities offer and want, and edits at the same moment."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Membership
from tests.factories import MakeMember, Member
from tests.profiles import Profiles, names, problems


class TestVersion:
    async def test_edit_of_an_older_version_is_refused(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()
        await profiles.updated(ana, city="Eskerford")

        result = await profiles.update(ana, version=1, city="Marl Cross", offers=["bread"])

        assert result == {
            "__typename": "EntityChanged",
            "code": "ENTITY_CHANGED",
            "path": ["expectedVersion"],
            "version": 2,
        }
        seen = await profiles.seen(ana, by=ana)
        assert (seen["city"], seen["offers"]) == ("Eskerford", [])

    @pytest.mark.parametrize("patch", [{"city": "Eskerford"}, {"offers": ["bread"]}])
    async def test_each_change_raises_it_and_no_change_does_not(
        self, make: MakeMember, profiles: Profiles, patch: dict[str, object]
    ) -> None:
        ana = await make()

        first = await profiles.updated(ana, version=1, **patch)
        again = await profiles.updated(ana, version=2, **patch)

        assert (first["version"], again["version"]) == (2, 2)

    async def test_of_many_edits_of_one_version_one_wins(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()

        results = await asyncio.gather(
            *(profiles.update(ana, description=f"Edit {number}") for number in range(20))
        )

        won = [result for result in results if result["__typename"] == "EntityPayload"]
        assert len(won) == 1
        assert {result.get("version") for result in results if result not in won} == {2}
        assert (await profiles.seen(ana))["description"] == won[0]["entity"]["description"]

    async def test_members_who_read_again_lose_no_edit(
        self, make: MakeMember, profiles: Profiles, database: Database
    ) -> None:
        """Each adds a tag to the whole list, on top of what the others have added meanwhile."""
        ana, ben = await make(), await make()
        async with database.writing() as session:
            session.add(Membership(user_id=ben.user_id, entity_id=ana.entity_id))

        await asyncio.gather(
            *(add_offer(profiles, ana, (ana, ben)[n % 2], f"offer-{n}") for n in range(10))
        )

        seen = await profiles.seen(ana)
        assert names(seen["offers"]) == [f"offer-{n}" for n in range(10)]
        assert seen["version"] == 11

    async def test_edits_of_different_fields_of_a_user_both_stay(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()

        await asyncio.gather(
            profiles.update_user(ana, firstName="Ana"),
            profiles.update_user(ana, lastName="Silva"),
            profiles.update_user(ana, telephone="020 7946 0958"),
        )

        user = (await profiles.update_user(ana))["user"]
        assert (user["firstName"], user["lastName"]) == ("Ana", "Silva")
        assert user["telephone"] == "+44 20 7946 0958"


async def add_offer(profiles: Profiles, of: Member, by: Member, offer: str) -> None:
    """Read, add, write; again from the start if somebody was quicker."""
    for _ in range(100):
        seen = await profiles.seen(of, by=by)
        offers = [*names(seen["offers"]), offer]
        result = await profiles.update(by, version=seen["version"], entityId=of.id, offers=offers)
        if result["__typename"] == "EntityPayload":
            return
        assert result["code"] == "ENTITY_CHANGED"
    pytest.fail("somebody was always quicker")


class TestTags:
    @pytest.mark.parametrize("field", ["offers", "wants"])
    async def test_eleven_are_refused(
        self, make: MakeMember, profiles: Profiles, field: str
    ) -> None:
        for length in (11, 100, 101, 900):
            result = await profiles.update(
                await make(), **{field: [f"tag {number}" for number in range(length)]}
            )

            assert problems(result) == {field: "TOO_MANY"}

    @pytest.mark.parametrize(
        ("word", "code"),
        [
            ("", "NOT_A_TAG"),
            ("!?", "NOT_A_TAG"),
            ("x" * 51, "NOT_A_TAG"),
            ("x" * 5000, "TOO_LONG"),
            ("\N{ARABIC LIGATURE SALLALLAHOU ALAYHE WASALLAM}" * 4, "NOT_A_TAG"),
        ],
    )
    async def test_word_that_is_no_tag_is_refused(
        self, make: MakeMember, profiles: Profiles, word: str, code: str
    ) -> None:
        result = await profiles.update(await make(), wants=["bread", word])

        assert problems(result) == {"wants.1": code}

    async def test_ten_in_eleven_spellings_are_kept(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        words = ["Café", "CAFE\N{COMBINING ACUTE ACCENT}", *(f"tag {n}" for n in range(9))]

        entity = await profiles.updated(await make(), offers=words)

        assert set(names(entity["offers"])) == {"café", *(f"tag-{n}" for n in range(9))}
        assert len(entity["offers"]) == 10

    async def test_words_are_kept_in_the_form_of_tags(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        entity = await profiles.updated(await make(), wants=["3D printing", "木工"])

        assert names(entity["wants"]) == ["3d-printing", "木工"]

    async def test_tag_that_stays_keeps_its_time_and_a_new_one_has_its_own(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()
        before = await profiles.updated(ana, offers=["bread", "cake"], wants=["bread"])
        after = await profiles.updated(ana, version=2, offers=["bread", "rolls"])

        first, second = since(before, "offers"), since(after, "offers")
        assert second["bread"] == first["bread"]
        assert second["rolls"] > first["bread"]
        assert since(after, "wants") == since(before, "wants")

    async def test_tag_that_comes_back_begins_anew(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()
        first = await profiles.updated(ana, offers=["bread"])
        await profiles.updated(ana, version=2, offers=[])
        last = await profiles.updated(ana, version=3, offers=["bread"])

        assert since(last, "offers")["bread"] > since(first, "offers")["bread"]

    async def test_members_who_add_the_same_new_tags_at_once_share_them(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        members = [await make() for _ in range(8)]
        for _ in range(5):
            words = [f"{uuid4().hex}-{number}" for number in range(10)]
            seen = [await profiles.seen(member) for member in members]

            edits = [
                profiles.updated(
                    member,
                    version=entity["version"],
                    offers=words if place % 2 else words[::-1],
                    wants=words[:5],
                )
                for place, (member, entity) in enumerate(zip(members, seen, strict=True))
            ]
            entities = await asyncio.gather(*edits)

            assert {tuple(names(entity["offers"])) for entity in entities} == {tuple(sorted(words))}


def since(entity: dict[str, Any], kind: str) -> dict[str, str]:
    """When each tag of a list was added."""
    return {tag["name"]: tag["since"] for tag in entity[kind]}
