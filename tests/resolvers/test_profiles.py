"""Editing what an entity and a user say of themselves."""

import json
from typing import Any

import pytest

from mccs_graphql.db.models import EntityStatus
from mccs_graphql.schema.ids import NOBODY, IdPrefix, encode_id
from tests.clients import GraphQLClient
from tests.documents import UPDATE_ENTITY, UPDATE_USER
from tests.factories import MakeMember
from tests.profiles import Profiles, names, problems

WHOLE: dict[str, Any] = {
    "name": "Ana's Bakery",
    "email": "shop@example.com",
    "telephone": "+44 20 7946 0958",
    "incType": "ltd",
    "companyNumber": "01234567",
    "website": "https://bakery.example/bread",
    "declaredTurnover": 5_000_000_000,
    "description": "Bread, and cake on Saturdays.",
    "address": "1 Mill Lane",
    "city": "Eskerford",
    "region": "Marlshire",
    "postalCode": "ES1 2AB",
    "country": "England",
    "showTelephone": True,
    "showDeclaredTurnover": True,
    "showTagsMatchedSinceLastLogin": True,
    "receiveDailyMatchNotificationEmail": True,
}
EMPTY = dict.fromkeys(WHOLE, "") | {
    "declaredTurnover": None,
    "showTelephone": False,
    "showDeclaredTurnover": False,
    "showTagsMatchedSinceLastLogin": False,
    "receiveDailyMatchNotificationEmail": False,
}
LENGTHS = {
    "name": 100,
    "email": 100,
    "telephone": 25,
    "companyNumber": 20,
    "website": 100,
    "description": 500,
    "address": 255,
    "city": 50,
    "region": 50,
    "postalCode": 10,
    "country": 50,
}
USER_LENGTHS = {"firstName": 100, "lastName": 100, "telephone": 25}


class TestWhoMayEdit:
    @pytest.mark.parametrize("document", [UPDATE_ENTITY, UPDATE_USER])
    async def test_visitor_is_sent_to_log_in(self, graphql: GraphQLClient, document: str) -> None:
        entity = {"entityId": "ent_x", "expectedVersion": 1} if "Entity" in document else {}

        assert await graphql.code(document, input=entity) == "UNAUTHENTICATED"

    async def test_nobody_edits_an_entity_of_others(
        self, graphql: GraphQLClient, make: MakeMember, profiles: Profiles
    ) -> None:
        ana, ben = await make(), await make()
        input_ = {"entityId": ben.id, "expectedVersion": 1, "name": "Mine now"}

        assert await graphql.code(UPDATE_ENTITY, by=ana, input=input_) == "FORBIDDEN"
        assert (await profiles.seen(ben))["name"] == ben.name

    @pytest.mark.parametrize("id_", ["", "nonsense", encode_id(IdPrefix.ENTITY, NOBODY)])
    async def test_entity_that_does_not_exist_is_as_forbidden(
        self, graphql: GraphQLClient, make: MakeMember, id_: str
    ) -> None:
        input_ = {"entityId": id_, "expectedVersion": 1}

        assert await graphql.code(UPDATE_ENTITY, by=await make(), input=input_) == "FORBIDDEN"


class TestBadInput:
    @pytest.mark.parametrize(("field", "most"), LENGTHS.items())
    async def test_more_characters_than_the_field_holds_are_refused(
        self, make: MakeMember, profiles: Profiles, field: str, most: int
    ) -> None:
        result = await profiles.update(await make(), **{field: "ß" * (most + 1)})

        assert problems(result) == {field: "TOO_LONG"}

    @pytest.mark.parametrize("field", [*LENGTHS, "offers", "wants"])
    async def test_nul_is_refused(self, make: MakeMember, profiles: Profiles, field: str) -> None:
        is_list = field in ("offers", "wants")

        result = await profiles.update(await make(), **{field: ["a\0b"] if is_list else "a\0b"})

        assert problems(result) == {f"{field}.0" if is_list else field: "BAD_CHARACTER"}

    @pytest.mark.parametrize("field", [*LENGTHS, "offers", "wants"])
    async def test_half_characters_are_refused(
        self, graphql: GraphQLClient, make: MakeMember, field: str
    ) -> None:
        ana = await make()
        value = ["\ud800"] if field in ("offers", "wants") else "\ud800"
        input_ = {"entityId": ana.id, "expectedVersion": 1, field: value}

        response = await graphql.http.post(
            "/graphql",
            content=json.dumps({"query": UPDATE_ENTITY, "variables": {"input": input_}}),
            headers={
                "Authorization": f"Bearer {ana.token}",
                "Content-Type": "application/json",
            },
        )

        assert response.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"

    @pytest.mark.parametrize(
        ("field", "value", "code"),
        [
            *(
                ("email", value, "NOT_AN_EMAIL_ADDRESS")
                for value in ("ana", "a@b", "a b@c.example")
            ),
            *(
                ("telephone", value, "NOT_A_TELEPHONE_NUMBER")
                for value in ("12", "ring me", "+999")
            ),
            *(
                ("website", value, "NOT_A_WEB_ADDRESS")
                for value in (
                    "bakery.example",
                    "//bakery.example",
                    "ftp://bakery.example",
                    "javascript:alert(1)",
                    "https://bank.example@evil.example",
                    "https://bakery.example/a b",
                    "https://bakery\n.example",
                    "https://",
                )
            ),
            *(("incType", value, "NOT_A_CHOICE") for value in ("LTD", "gmbh", "x" * 5000)),
            *(("declaredTurnover", value, "OUT_OF_RANGE") for value in (-1, 10**15)),
            *(("name", value, "TOO_SHORT") for value in (None, "", "  \t")),
        ],
    )
    async def test_value_of_another_form_is_refused(
        self, make: MakeMember, profiles: Profiles, field: str, value: object, code: str
    ) -> None:
        ana = await make()

        assert problems(await profiles.update(ana, **{field: value})) == {field: code}
        assert (await profiles.seen(ana, by=ana))["version"] == 1

    @pytest.mark.parametrize("value", [1.5, "12", True, 10**30])
    async def test_turnover_that_is_no_whole_number_is_an_error(
        self, graphql: GraphQLClient, make: MakeMember, value: object
    ) -> None:
        ana = await make()
        input_ = {"entityId": ana.id, "expectedVersion": 1, "declaredTurnover": value}

        answer = await graphql.send(UPDATE_ENTITY, by=ana, input=input_)

        refused = "errors" not in answer and problems(answer["data"]["updateEntity"])
        assert refused or answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"

    async def test_all_problems_are_listed_at_once_as_the_schema_spells_them(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        result = await profiles.update(
            await make(),
            name=None,
            incType="gmbh",
            companyNumber="1" * 21,
            postalCode="1" * 11,
            offers=["bread", "!?"],
            wants=["x" * 51],
        )

        assert result["code"] == "INVALID_INPUT"
        assert problems(result) == {
            "name": "TOO_SHORT",
            "incType": "NOT_A_CHOICE",
            "companyNumber": "TOO_LONG",
            "postalCode": "TOO_LONG",
            "offers.1": "NOT_A_TAG",
            "wants.0": "NOT_A_TAG",
        }

    @pytest.mark.parametrize(("field", "most"), USER_LENGTHS.items())
    async def test_user_is_held_to_the_same_rules(
        self, make: MakeMember, profiles: Profiles, field: str, most: int
    ) -> None:
        ana = await make()

        long = await profiles.update_user(ana, **{field: "ß" * (most + 1)})
        nul = await profiles.update_user(ana, **{field: "a\0"})

        assert problems(long) == {field: "TOO_LONG"}
        assert problems(nul) == {field: "BAD_CHARACTER"}


class TestPatch:
    async def test_absent_fields_stay(self, make: MakeMember, profiles: Profiles) -> None:
        ana = await make()
        await profiles.updated(ana, **WHOLE, offers=["bread"], wants=["flour"])

        await profiles.updated(ana, version=2, city="Marl Cross")

        seen = await profiles.seen(ana, by=ana)
        assert {name: seen[name] for name in WHOLE} == WHOLE | {"city": "Marl Cross"}
        assert (names(seen["offers"]), names(seen["wants"])) == (["bread"], ["flour"])

    @pytest.mark.parametrize(
        "status", [EntityStatus.TRADING_PENDING, EntityStatus.TRADING_ACCEPTED]
    )
    @pytest.mark.parametrize(
        "field",
        ["incType", "description", "address", "city", "region", "postalCode", "country"],
    )
    async def test_what_traders_have_to_say_is_not_cleared(
        self, make: MakeMember, profiles: Profiles, field: str, status: EntityStatus
    ) -> None:
        ana = await make(status=status)
        await profiles.updated(ana, **{field: WHOLE[field]})

        for nothing in (None, "", "  "):
            refused = await profiles.update(ana, version=2, website=None, **{field: nothing})
            assert problems(refused) == {field: "MISSING"}
        assert (await profiles.seen(ana, by=ana))[field] == WHOLE[field]

    async def test_what_traders_never_said_may_stay_so(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        await profiles.updated(await make(), city=None, website="https://example.org")

    async def test_names_of_traders_are_not_cleared(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana, ben = await make(), await make(status=EntityStatus.ACCEPTED)
        for member in (ana, ben):
            await profiles.update_user(member, firstName="Ana", telephone="+44 20 7946 0958")

        refused = await profiles.update_user(ana, firstName=None, telephone="")
        assert problems(refused) == {"firstName": "MISSING", "telephone": "MISSING"}
        free = await profiles.update_user(ben, firstName=None, telephone="")
        assert free["__typename"] == "UserPayload"

    async def test_null_clears(self, make: MakeMember, profiles: Profiles) -> None:
        ana = await make(status=EntityStatus.ACCEPTED)
        await profiles.updated(ana, **WHOLE, offers=["bread"], wants=["flour"])
        cleared = dict.fromkeys([*WHOLE, "offers", "wants"]) | {"name": "Ana"}

        await profiles.updated(ana, version=2, **cleared)

        seen = await profiles.seen(ana, by=ana)
        assert {name: seen[name] for name in WHOLE} == EMPTY | {"name": "Ana"}
        assert (seen["offers"], seen["wants"]) == ([], [])

    @pytest.mark.parametrize("field", sorted(LENGTHS.keys() - {"email", "telephone", "website"}))
    async def test_as_many_characters_as_the_field_holds_are_kept(
        self, make: MakeMember, profiles: Profiles, field: str
    ) -> None:
        text = "🌾" * LENGTHS[field]

        entity = await profiles.updated(await make(), **{field: f"  {text} "})

        assert entity[field] == text

    @pytest.mark.parametrize("value", ["", "  ", None])
    async def test_empty_text_clears_too(
        self, make: MakeMember, profiles: Profiles, value: str | None
    ) -> None:
        ana = await make()
        await profiles.updated(ana, telephone=WHOLE["telephone"], website=WHOLE["website"])

        entity = await profiles.updated(ana, version=2, telephone=value, website=value)

        assert (entity["telephone"], entity["website"]) == ("", "")

    async def test_telephone_of_the_region_is_kept_as_international(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()

        entity = await profiles.updated(ana, telephone="(020) 7946-0958")
        user = await profiles.update_user(ana, telephone="+33 (0)1 23 45 67 89")

        assert entity["telephone"] == "+44 20 7946 0958"
        assert user["user"]["telephone"] == "+33 1 23 45 67 89"

    async def test_language_of_mails_is_chosen_and_cleared(
        self, make: MakeMember, profiles: Profiles
    ) -> None:
        ana = await make()

        chosen = [
            (await profiles.update_user(ana, **patch))["user"]["language"]
            for patch in ({}, {"language": "DE"}, {"lastName": "Silva"}, {"language": None})
        ]

        assert chosen == [None, "DE", "DE", None]

    async def test_user_is_patched_alike(self, make: MakeMember, profiles: Profiles) -> None:
        accepted = EntityStatus.ACCEPTED
        ana = await make(first_name="Ana", last_name="Silva", status=accepted)

        result = await profiles.update_user(ana, lastName=None, telephone="020 7946 0958")

        assert result["user"] == {
            "firstName": "Ana",
            "lastName": "",
            "telephone": "+44 20 7946 0958",
            "email": ana.email,
            "language": None,
        }
