"""Choosing what one is told, by which way, and when mails wait."""

from typing import Any

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, NoticeKind, NoticePreference
from mccs_graphql.domain.notices.preferences import CELLS, wants_mail
from tests.clients import GraphQLClient
from tests.factories import Login, MakeMember, make_admin

FIELDS = """
  timeZone quietHours { from to } noticePreferences { kind channel wanted default mandatory }
"""
VIEWER = f"query Viewer {{ viewer {{ {FIELDS} }} }}"
USER = f"query User($id: ID!) {{ user(id: $id) {{ id {FIELDS} }} }}"
UPDATE = f"""
mutation Update($input: UpdateNoticePreferencesInput!) {{
  updateNoticePreferences(input: $input) {{
    ... on UpdateNoticePreferencesPayload {{ user {{ {FIELDS} }} }}
    ... on InvalidInput {{ problems {{ path code }} }}
  }}
}}"""
OFF = {"kind": "TRANSFER_PROPOSED", "channel": "MAIL", "wanted": False}


async def update(graphql: GraphQLClient, by: Login, **what: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await graphql(UPDATE, by=by, input=what))["updateNoticePreferences"]
    return found


async def chosen(graphql: GraphQLClient, by: Login, kind: str, channel: str) -> dict[str, Any]:
    viewer = (await graphql(VIEWER, by=by))["viewer"]
    (found,) = [
        cell
        for cell in viewer["noticePreferences"]
        if (cell["kind"], cell["channel"]) == (kind, channel)
    ]
    return dict(found)


@pytest.mark.parametrize(
    ("what", "path", "code"),
    [
        (
            {"preferences": [{"kind": "NEW_DEVICE", "channel": "MAIL", "wanted": False}]},
            ["preferences", "0"],
            "MANDATORY",
        ),
        (
            {"preferences": [OFF, {"kind": "MATCH_FOUND", "channel": "MAIL", "wanted": True}]},
            ["preferences", "1"],
            "NO_SUCH_CHANNEL",
        ),
        ({"preferences": [OFF] * (len(CELLS) + 1)}, ["preferences"], "TOO_MANY"),
        ({"quietHours": {"from": "22:00", "to": "22:00"}}, ["quietHours"], "EMPTY"),
        ({"timeZone": "Mars/Olympus"}, ["timeZone"], "NOT_A_TIME_ZONE"),
        ({"timeZone": "../../etc/passwd"}, ["timeZone"], "NOT_A_TIME_ZONE"),
    ],
    ids=["mandatory", "no channel", "too many", "empty", "no zone", "path"],
)
async def test_what_cannot_be_is_refused_and_nothing_is_kept(
    graphql: GraphQLClient, make: MakeMember, what: dict[str, Any], path: list[str], code: str
) -> None:
    ana = await make()
    before = await graphql(VIEWER, by=ana)

    assert await update(graphql, ana, **what) == {"problems": [{"path": path, "code": code}]}

    assert await graphql(VIEWER, by=ana) == before


@pytest.mark.parametrize("time", ["7:00", "24:00", "07:00:00", "07:60", "", "noon"])
async def test_time_of_another_form_is_refused(
    graphql: GraphQLClient, make: MakeMember, time: str
) -> None:
    input_ = {"quietHours": {"from": "22:00", "to": time}}

    assert await graphql.code(UPDATE, by=await make(), input=input_) == "BAD_USER_INPUT"


async def test_preferences_are_nobody_elses(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana, admin = await make(), await make_admin(database, AdminRole.OWNER)
    await update(graphql, ana, quietHours={"from": "22:00", "to": "07:00"})
    id_ = (await graphql("{ viewer { id } }", by=ana))["viewer"]["id"]

    user = (await graphql(USER, by=admin, id=id_))["user"]

    assert (user["noticePreferences"], user["quietHours"]) == (None, None)


async def test_all_there_is_to_choose_is_listed_and_wanted_at_first(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    cells = (await graphql(VIEWER, by=await make()))["viewer"]["noticePreferences"]

    assert {(cell["kind"], cell["channel"]) for cell in cells} == {
        (kind.name, channel.name) for kind, channel in CELLS
    }
    assert all(cell["wanted"] and cell["default"] for cell in cells)
    mandatory = {cell["kind"] for cell in cells if cell["mandatory"]}
    assert {"PASSWORD_CHANGED", "NEW_DEVICE", "SECOND_FACTOR_OFF"} <= mandatory
    assert "TRANSFER_PROPOSED" not in mandatory


async def test_what_is_turned_off_is_off_and_the_rest_stays(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make()

    await update(graphql, ana, preferences=[OFF])

    found = await chosen(graphql, ana, "TRANSFER_PROPOSED", "MAIL")
    assert (found["wanted"], found["default"]) == (False, True)
    for by, kind, channel in (
        (ana, "TRANSFER_PROPOSED", "IN_APP"),
        (ana, "TRANSFER_COMPLETED", "MAIL"),
        (ben, "TRANSFER_PROPOSED", "MAIL"),
    ):
        assert (await chosen(graphql, by, kind, channel))["wanted"]


async def test_who_goes_back_to_the_default_has_chosen_nothing(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana = await make()
    await update(graphql, ana, preferences=[OFF])

    await update(graphql, ana, preferences=[OFF | {"wanted": True}])

    assert (await chosen(graphql, ana, "TRANSFER_PROPOSED", "MAIL"))["wanted"]
    async with database.reading() as session:
        key = (ana.user_id, "transfer_proposed", "mail")
        assert await session.get(NoticePreference, key) is None


async def test_hours_and_zone_are_kept_and_cleared_by_null(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, night = await make(), {"from": "22:00", "to": "07:30"}

    await update(graphql, ana, quietHours=night, timeZone="Europe/Berlin")
    kept = (await update(graphql, ana, preferences=[OFF]))["user"]
    cleared = (await update(graphql, ana, quietHours=None, timeZone=None))["user"]

    assert (kept["quietHours"], kept["timeZone"]) == (night, "Europe/Berlin")
    assert (cleared["quietHours"], cleared["timeZone"]) == (None, None)


async def test_many_are_asked_at_once_who_wants_a_mail(
    graphql: GraphQLClient, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    await update(graphql, ana, preferences=[OFF | {"kind": "DAILY_MATCHES"}])

    async with database.reading() as session:
        ids = [ana.user_id, ben.user_id]
        assert await wants_mail(session, ids, NoticeKind.DAILY_MATCHES) == {ben.user_id}
        assert await wants_mail(session, ids, NoticeKind.NEW_DEVICE) == {*ids}
