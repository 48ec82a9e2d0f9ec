"""The original's own files become a community, whole or not at all."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from mccs_graphql.communities.original import Outcome, Report, Unreadable, import_original
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    Admin,
    AdminRole,
    Category,
    Entity,
    EntityStatus,
    EntityTag,
    Membership,
    Record,
    Tag,
    TagKind,
    User,
)
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.settings import Settings
from tests.communities.seed_files import (
    API_FILES,
    EARLIER,
    PROTOTYPE_FILES,
    Files,
    changed,
    row_counts,
    write_files,
)
from tests.databases import as_owner

Import = Callable[..., Awaitable[Report]]
ORIGINALS = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture
def run(empty_database: Database, empty_settings: Settings, tmp_path: Path) -> Import:
    """Writes the files and imports them."""

    async def write_and_import(
        files: Files | Path, *, skip_refused: bool = False, **settings: object
    ) -> Report:
        folder = files if isinstance(files, Path) else write_files(tmp_path, files)
        return await import_original(
            empty_database,
            empty_settings.model_copy(update=settings),
            folder,
            skip_refused=skip_refused,
            progress=lambda _line: None,
        )

    return write_and_import


def original(name: str) -> Path:
    """A folder of the original's files; they are not part of the project."""
    folder = ORIGINALS / name
    if not folder.is_dir():
        pytest.skip(f"the original's seed files are not at {folder}")
    return folder


async def only(database: Database, model: type[Record], **where: Any) -> Any:
    """The one row of ``model`` with these values."""
    async with database.reading() as session:
        return (await session.scalars(select(model).filter_by(**where))).one()


async def names(database: Database, model: type[Tag | Category]) -> list[str]:
    """The names of all rows of ``model``."""
    async with database.reading() as session:
        return [*await session.scalars(select(model.name).order_by(model.name))]


async def test_unreadable_file_leaves_no_row(run: Import, empty_database: Database) -> None:
    with pytest.raises(Unreadable):
        await run(API_FILES | {"admin_user.json": "["})

    assert await row_counts(empty_database) == {}


async def test_refused_last_record_keeps_everything_out(
    run: Import, empty_database: Database
) -> None:
    report = await run(changed(API_FILES, "admin_user.json", 1, email="nowhere"))

    assert report.outcome is Outcome.REFUSED
    assert await row_counts(empty_database) == {}


async def test_report_of_a_refusal_says_what_would_help(run: Import) -> None:
    report = await run(changed(API_FILES, "entity.json", 2, name="O" * 101))

    printed = "\n".join(report.lines())
    assert "entity.json, name: At most 100 characters, not 101." in printed
    assert "2 ('OOO" in printed
    assert "Nothing was written, because records are refused." in printed
    assert "--skip-refused" in printed


async def test_refused_password_is_not_printed(run: Import) -> None:
    report = await run(changed(API_FILES, "user.json", 2, password="secret" * 20))

    assert "secret" not in "\n".join(report.lines())


async def test_failure_at_the_last_table_leaves_no_row(
    run: Import, empty_database: Database, empty_settings: Settings
) -> None:
    async with as_owner(empty_settings) as owner:
        await owner.execute("ALTER TABLE entity_categories ADD CONSTRAINT no CHECK (false)")

    with pytest.raises(IntegrityError):
        await run(API_FILES)

    assert await row_counts(empty_database) == {}


async def test_two_imports_at_once_write_once(
    run: Import, empty_database: Database, tmp_path: Path
) -> None:
    folder = write_files(tmp_path, API_FILES)
    reports = await asyncio.gather(run(folder), run(folder))

    assert {report.outcome for report in reports} == {Outcome.WRITTEN, Outcome.NOTHING_NEW}
    assert (await row_counts(empty_database))["users"] == 3


async def test_refused_records_can_be_left_out(run: Import, empty_database: Database) -> None:
    report = await run(changed(API_FILES, "user.json", 2, email="nowhere"), skip_refused=True)

    assert report.outcome is Outcome.WRITTEN
    assert await names(empty_database, Tag) == ["café-crème", "mending", "weaving"]
    counts = await row_counts(empty_database)
    assert (counts["users"], counts["admins"], counts["entities"]) == (2, 1, 1)
    assert {count.file: count.refused for count in report.files if count.refused} == {
        "user.json": 1,
        "entity.json": 1,
        "balance_limit.json": 1,
    }


async def test_everything_about_a_member_is_kept(run: Import, empty_database: Database) -> None:
    await run(API_FILES)

    user = await only(empty_database, User, email="Vera@weavers.example")
    membership = await only(empty_database, Membership, user_id=user.id)
    entity = await only(empty_database, Entity, id=membership.entity_id)
    written = API_FILES["entity.json"][0]
    assert (user.first_name, user.last_name) == ("Vera", "Loom")
    assert user.telephone == "+44 1632 960001"
    assert entity.status is EntityStatus.TRADING_ACCEPTED
    assert entity.declared_turnover == 12000
    assert entity.inc_type == "sole"
    assert entity.postal_code == "RV1 1AA"
    assert entity.show_tags_matched_since_last_login
    assert entity.receive_daily_match_notification_email
    for name in ("name", "email", "telephone", "website", "description", "city", "country"):
        assert getattr(entity, name) == written[name]
    assert entity.created_at.isoformat() == "2021-05-01T09:00:00+00:00"


async def test_limits_are_kept_in_the_smallest_unit(run: Import, empty_database: Database) -> None:
    await run(API_FILES)

    entity = await only(empty_database, Entity, name="Loom Room")
    account = await only(empty_database, Account, entity_id=entity.id)
    assert (account.max_negative_balance, account.max_positive_balance) == (1050, 10000)
    assert account.balance == 0


async def test_passwords_are_kept_as_hashes_that_fit(
    run: Import, empty_database: Database, empty_settings: Settings
) -> None:
    await run(API_FILES)

    user = await only(empty_database, User, email="olu@ovens.example")
    passwords = Passwords(memory_kib=empty_settings.password_memory_kib)
    assert user.password_hash.startswith("$argon2id$")
    assert await passwords.verify("sourdough 2!", user.password_hash)


async def test_tags_get_one_form_and_the_earliest_time(
    run: Import, empty_database: Database
) -> None:
    report = await run(API_FILES)

    weaving = await only(empty_database, Tag, name="weaving")
    offer = await only(empty_database, EntityTag, kind=TagKind.OFFER)
    mending = await only(empty_database, Tag, name="mending")
    assert offer.tag_id == weaving.id
    assert offer.created_at.isoformat()[:10] == EARLIER[:10] == mending.created_at.isoformat()[:10]
    assert "1 ('Weaving' as weaving)" in "\n".join(report.lines())


async def test_spellings_of_a_category_become_one(run: Import, empty_database: Database) -> None:
    report = await run(API_FILES)

    assert await names(empty_database, Category) == ["Car Repair", "Home Textiles"]
    assert "1 ('home-textiles' as Home Textiles)" in "\n".join(report.lines())


async def test_category_of_the_database_keeps_its_name(
    run: Import, empty_database: Database
) -> None:
    async with empty_database.writing() as session:
        session.add(Category(name="HOME TEXTILES"))

    await run(API_FILES)

    assert await names(empty_database, Category) == ["Car Repair", "HOME TEXTILES"]


async def test_second_run_changes_nothing(run: Import, empty_database: Database) -> None:
    await run(API_FILES)
    before = await row_counts(empty_database)

    report = await run(API_FILES)

    assert report.outcome is Outcome.NOTHING_NEW
    assert "Nothing to do" in "\n".join(report.lines())
    assert (report.changed, report.refused) == ((), ())
    assert await row_counts(empty_database) == before


async def test_second_run_knows_addresses_however_they_are_typed(
    run: Import, empty_database: Database
) -> None:
    await run(API_FILES)
    before = await row_counts(empty_database)

    report = await run(changed(API_FILES, "user.json", 1, email="VERA@WEAVERS.EXAMPLE"))

    assert report.outcome is Outcome.NOTHING_NEW
    assert await row_counts(empty_database) == before


async def test_second_run_leaves_a_known_entity_as_it_is(
    run: Import, empty_database: Database
) -> None:
    await run(API_FILES)

    await run(changed(API_FILES, "entity.json", 1, name="Renamed", offers=[{"name": "new tag"}]))

    assert (await only(empty_database, Entity, city="Ravelby")).name == "Loom Room"
    assert "new-tag" not in await names(empty_database, Tag)


async def test_second_run_adds_what_is_new(run: Import, empty_database: Database) -> None:
    await run(changed(API_FILES, "user.json", 2, email="nowhere"), skip_refused=True)

    report = await run(API_FILES)

    assert report.written["users"] == 1
    assert report.written["tags"] == 0
    assert (await row_counts(empty_database))["entities"] == 2


async def test_prototype_gets_limits_of_the_settings_and_its_weak_password(
    run: Import, empty_database: Database
) -> None:
    report = await run(PROTOTYPE_FILES, max_negative_balance=Decimal("12.5"))

    account = await only(empty_database, Account)
    entity = await only(empty_database, Entity)
    assert (account.max_negative_balance, account.max_positive_balance) == (1250, 50000)
    assert (entity.name, entity.telephone, entity.city) == ("Ida's Ink", "01632 960003", "Ravelby")
    assert (entity.email, entity.declared_turnover) == ("ida@ink.example", 500)
    assert await names(empty_database, Category) == ["Print/Copy"]
    assert await admins(empty_database) == {"boss@ravelby.example": AdminRole.OWNER}
    assert "user.json, password: weaker than today's rule, but kept" in "\n".join(report.lines())


async def test_admin_with_the_address_of_a_user_in_the_files_is_refused(
    run: Import, empty_database: Database
) -> None:
    files = changed(
        API_FILES, "admin_user.json", 1, email=API_FILES["user.json"][0]["email"].upper()
    )

    report = await run(files)

    (finding,) = report.refused
    assert (finding.file, finding.number, finding.field) == ("admin_user.json", 1, "email")
    assert (await run(files, skip_refused=True)).written["admins"] == 0


async def test_admin_with_the_address_of_a_user_in_the_database_is_left_out(
    run: Import, empty_database: Database
) -> None:
    async with empty_database.writing() as session:
        session.add(User(email="ROOT@ravelby.example", password_hash="!"))

    refused = (await run(API_FILES)).refused
    report = await run(API_FILES, skip_refused=True)

    assert [finding.file for finding in refused] == ["admin_user.json"]
    assert (report.refused, report.written["admins"]) == (refused, 0)
    assert await admins(empty_database) == {}


async def test_first_admin_is_the_owner_unless_there_is_one(
    run: Import, empty_database: Database
) -> None:
    two = [*API_FILES["admin_user.json"], PROTOTYPE_FILES["admin_user.json"][0]]
    three = [*two, {"email": "late@ravelby.example", "password": "keys 4 me!"}]

    await run(API_FILES | {"admin_user.json": two})
    await run(API_FILES | {"admin_user.json": three})

    assert await admins(empty_database) == {
        "root@ravelby.example": AdminRole.OWNER,
        "boss@ravelby.example": AdminRole.ADMIN,
        "late@ravelby.example": AdminRole.ADMIN,
    }


async def admins(database: Database) -> dict[str, AdminRole]:
    """The role of each admin by the address."""
    statement = select(User.email, Admin.role).join(Admin, Admin.user_id == User.id)
    async with database.reading() as session:
        rows = await session.execute(statement)
        return {email: role for email, role in rows}  # noqa: C416 - rows are no pairs to mypy


async def test_fields_without_a_place_are_named(run: Import) -> None:
    report = await run(PROTOTYPE_FILES)

    assert report.left_out == {"user.json": ("updatedAt",), "admin_user.json": ("roles",)}


async def test_original_files_are_taken(run: Import, empty_database: Database) -> None:
    report = await run(original("mccs-seed"))

    counts = await row_counts(empty_database)
    assert report.outcome is Outcome.WRITTEN
    assert report.refused == ()
    assert {name: counts[name] for name in ("users", "entities", "accounts", "admins")} == {
        "users": 14,
        "entities": 11,
        "accounts": 11,
        "admins": 3,
    }
    assert (counts["tags"], counts["categories"]) == (14, 8)


async def test_second_run_of_original_files_changes_nothing(
    run: Import, empty_database: Database
) -> None:
    await run(original("mccs-seed"))
    before = await row_counts(empty_database)

    assert (await run(original("mccs-seed"))).outcome is Outcome.NOTHING_NEW
    assert await row_counts(empty_database) == before


async def test_prototype_files_are_refused_for_four_addresses(
    run: Import, empty_database: Database
) -> None:
    report = await run(original("mccs-prototype-seed"))

    assert sorted(finding.number for finding in report.refused) == [34, 76, 87, 89]
    assert await row_counts(empty_database) == {}


async def test_rest_of_the_prototype_files_is_taken(run: Import, empty_database: Database) -> None:
    folder = original("mccs-prototype-seed")

    await run(folder, skip_refused=True)
    counts = await row_counts(empty_database)
    again = await run(folder, skip_refused=True)

    assert (counts["users"], counts["entities"], counts["admins"]) == (198, 196, 2)
    assert (counts["tags"], counts["categories"]) == (37, 6)
    assert again.outcome is Outcome.NOTHING_NEW
    assert await row_counts(empty_database) == counts
