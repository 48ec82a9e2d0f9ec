"""``mccs create-admin``: the first of those who run a community, or another one."""

import asyncio
import sys
from pathlib import Path

import click

from mccs_graphql.cli.database import up_to_date
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole
from mccs_graphql.domain import text
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, audited
from mccs_graphql.domain.errors import InvalidInput, Refusal
from mccs_graphql.domain.identity import admins
from mccs_graphql.domain.identity.admins import Appointment
from mccs_graphql.domain.identity.passwords import Passwords, password_problems
from mccs_graphql.settings import Settings

ROLES = [role.value.lower() for role in AdminRole]
OWNER_FIRST = "There is no owner yet, so the first admin has to be one: --role owner."
DEED = Deed(action="create-admin", actor=SYSTEM)
NEXT = "Log in with it and set up a second factor; until then the role gives no powers."


@click.command("create-admin")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES, case_sensitive=False), default=ROLES[0])
@click.option("--name", default="", help="What the admin is called.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the standard input.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
def command(email: str, role: str, name: str, *, password_stdin: bool, folder: Path | None) -> None:
    """Make an admin with a login of its own; EMAIL must be nobody's yet.

    The password is asked for, twice. It is never an argument: others could read that.
    """
    appointment = Appointment(email, AdminRole(role.upper()), name)
    password = _read_password(from_stdin=password_stdin)
    try:
        admins.require_valid(appointment)
        text.require(password_problems(password))
        with up_to_date(folder) as settings:
            asyncio.run(create(settings, appointment, password))
    except Refusal as refusal:
        raise click.ClickException(_sentence(refusal)) from refusal
    click.echo(f"{email} is {appointment.role} of this community now.")
    if settings.admin_second_factor:
        click.echo(NEXT)


async def create(settings: Settings, appointment: Appointment, password: str) -> None:
    """Add the admin. Raises EmailTaken, TooManyAdmins, and what the first one has to be."""
    password_hash = await Passwords(memory_kib=settings.password_memory_kib).hash(password)
    database = Database(settings)
    try:
        async with audited(database, DEED) as session:
            if appointment.role is not AdminRole.OWNER and not await admins.has_owner(session):
                raise click.ClickException(OWNER_FIRST)
            await admins.appoint(session, appointment, password_hash=password_hash)
    finally:
        await database.close()


def _read_password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password


def _sentence(refusal: Refusal) -> str:
    if isinstance(refusal, InvalidInput):
        problems = refusal.problems
        return "\n".join(f"{problem.path[0]}: {problem.message}" for problem in problems)
    return refusal.message
