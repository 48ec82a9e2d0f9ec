"""``mccs create-admin`` makes the first owner, and asks for a password without showing it."""

import asyncio

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from mccs_graphql.cli import create_admin
from mccs_graphql.cli.create_admin import NEXT
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Admin, AdminRole, AuditEntry, User
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.settings import Settings
from tests.communities.seed_files import row_counts
from tests.factories import make_member

FROM_STDIN = "--password-stdin"
EMAIL, PASSWORD = "judith@town.example", "bread-4-shelves"


@pytest.fixture
def runner(empty_settings: Settings) -> CliRunner:
    """Runs the command on an empty database."""
    return CliRunner(
        env={
            "DATABASE_URL": empty_settings.database_url,
            "MCCS_PASSWORD_MEMORY_KIB": str(empty_settings.password_memory_kib),
        }
    )


async def create(runner: CliRunner, *words: str, said: str = f"{PASSWORD}\n") -> Result:
    """Run it with this on the standard input, beside our loop, as it has one of its own."""
    arguments = [EMAIL, *words]
    return await asyncio.to_thread(runner.invoke, create_admin.command, arguments, input=said)


async def admin_in(database: Database) -> tuple[User, Admin]:
    """The only one there is."""
    statement = select(User, Admin).join(Admin, Admin.user_id == User.id)
    async with database.reading() as session:
        user, admin = (await session.execute(statement)).one()
        return user, admin


@pytest.mark.parametrize(
    ("words", "said", "told"),
    [
        (["--role", "moderator"], f"{PASSWORD}\n", "the first admin has to be one"),
        ([], "short\n", "password: At least 8 characters are needed."),
        (["--name", "x" * 101], f"{PASSWORD}\n", "name: At most 100 characters"),
    ],
    ids=["first is no owner", "weak password", "long name"],
)
async def test_what_is_wrong_is_told_and_nothing_written(
    runner: CliRunner, empty_database: Database, words: list[str], said: str, told: str
) -> None:
    result = await create(runner, FROM_STDIN, *words, said=said)

    assert (result.exit_code, told in result.output) == (1, True), result.output
    assert "users" not in await row_counts(empty_database)


async def test_address_of_a_user_is_refused(runner: CliRunner, empty_database: Database) -> None:
    await make_member(empty_database, email=EMAIL.upper())

    result = await create(runner, FROM_STDIN)

    assert (result.exit_code, "There is a user with this e-mail" in result.output) == (1, True)
    assert "admins" not in await row_counts(empty_database)


async def test_first_admin_is_an_owner_who_can_log_in(
    runner: CliRunner, empty_database: Database, empty_settings: Settings
) -> None:
    result = await create(runner, FROM_STDIN, "--name", "Judith van Loon")

    user, admin = await admin_in(empty_database)
    passwords = Passwords(memory_kib=empty_settings.password_memory_kib)
    assert (result.exit_code, NEXT in result.output) == (0, True), result.output
    assert (admin.role, admin.created_by) == (AdminRole.OWNER, None)
    assert (user.email, user.first_name, user.last_name) == (EMAIL, "Judith", "van Loon")
    assert await passwords.verify(PASSWORD, user.password_hash)
    async with empty_database.reading() as session:
        assert list(await session.scalars(select(AuditEntry.action))) == ["create-admin"]


async def test_password_is_asked_for_twice_and_not_shown(
    runner: CliRunner, empty_database: Database
) -> None:
    result = await create(runner, said=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0, result.output
    assert PASSWORD not in result.output
    assert (await admin_in(empty_database))[0].email == EMAIL
