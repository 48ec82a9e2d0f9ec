"""The import: read, judge, compare, hash, write."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.alone import load_alone
from mccs_graphql.communities.original.changes import changes
from mccs_graphql.communities.original.findings import Finding, numbers_in
from mccs_graphql.communities.original.plan import Plan, make_plan
from mccs_graphql.communities.original.reading import read_seeds
from mccs_graphql.communities.original.records import Admin, Seeds, User
from mccs_graphql.communities.original.report import FileCount, Outcome, Report
from mccs_graphql.communities.original.rows import Hashes, rows_of, terms_of
from mccs_graphql.communities.original.rules import refusals, without
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Tag
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, summarise
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.settings import Settings

Progress = Callable[[str], None]
HASHES_BETWEEN_WORDS = 20


class Overtaken(Exception):
    """Somebody signed up, say, while we hashed and wrote. Nothing has been written."""

    def __init__(self) -> None:
        super().__init__(
            "Somebody wrote the same at the same moment. Nothing was written: try again."
        )


async def import_original(
    database: Database, settings: Settings, folder: Path, *, skip_refused: bool, progress: Progress
) -> Report:
    """Bring the seed files of ``folder`` into the database, whole or not at all.

    Files that cannot be read raise Unreadable. A record that breaks a rule is refused, and keeps
    everything else out too unless ``skip_refused``. What the database knows stays as it is: users
    and admins by e-mail address, tags and headings by name. ``progress`` gets lines to show.
    Raises Overtaken.
    """
    seeds = await asyncio.to_thread(read_seeds, folder)
    refused = tuple(refusals(seeds, scale=settings.unit_scale))
    sound = without(seeds, refused)
    async with database.reading() as session:
        plan = await make_plan(session, sound)
    refused += plan.refused
    if refused and not skip_refused:
        return _report(seeds, plan, refused, Outcome.REFUSED)
    if plan.is_empty:
        return _report(seeds, plan, refused, Outcome.NOTHING_NEW)
    hashes = await _hashes(plan.logins, settings, progress)
    try:
        async with database.writing() as session:
            await load_alone(session)
            plan = await make_plan(session, sound)
            written = await _write(session, plan, settings, hashes)
            told = ", ".join(f"{count} {table}" for table, count in written.items())
            await summarise(session, Deed("import-original", SYSTEM), reason=told)
    except IntegrityError as error:
        if "uq_" in str(error.orig):
            raise Overtaken from error
        raise
    outcome = Outcome.NOTHING_NEW if plan.is_empty else Outcome.WRITTEN
    return _report(seeds, plan, refused, outcome, written)


async def _hashes(logins: Sequence[User | Admin], settings: Settings, progress: Progress) -> Hashes:
    """A hash of its own for everybody, also for those who share a password."""
    passwords = Passwords(memory_kib=settings.password_memory_kib)
    progress(f"Hashing {len(logins)} passwords")
    hashes: dict[User | Admin, str] = {}

    async def hash_one(login: User | Admin) -> None:
        hashes[login] = await passwords.hash(login.password)
        if len(hashes) % HASHES_BETWEEN_WORDS == 0:
            progress(f"  {len(hashes)} of {len(logins)}")

    async with asyncio.TaskGroup() as group:
        for login in logins:
            group.create_task(hash_one(login))
    return hashes


async def _write(
    session: AsyncSession, plan: Plan, settings: Settings, hashes: Hashes
) -> dict[str, int]:
    terms = terms_of(settings, now=datetime.now(UTC))
    rows = rows_of(plan, terms, hashes)
    for model, made in rows.items():
        if made:
            await session.execute(insert(model), made)
    await relate(session, {row["name"]: row["id"] for row in rows[Tag]})
    return {model.__tablename__: len(made) for model, made in rows.items()}


def _report(
    seeds: Seeds,
    plan: Plan,
    refused: tuple[Finding, ...],
    outcome: Outcome,
    written: dict[str, int] | None = None,
) -> Report:
    return Report(
        source=f"Seed files of {seeds.shape.name}",
        outcome=outcome,
        files=tuple(_counts(seeds, plan, refused)),
        changed=tuple(changes(plan.new, plan.headings)),
        refused=refused,
        left_out=seeds.left_out,
        written=written or {},
    )


def _counts(seeds: Seeds, plan: Plan, refused: tuple[Finding, ...]) -> Iterator[FileCount]:
    shape, new = seeds.shape, plan.new
    paired = tuple(file for file in (shape.users, shape.entities, shape.limits) if file)
    for files, all_records, new_records in (
        (paired, seeds.members, new.members),
        ((shape.tags,), seeds.tags, new.tags),
        ((shape.categories,), seeds.categories, new.categories),
        ((shape.admins,), seeds.admins, new.admins),
    ):
        bad = len(numbers_in(refused, *files))
        known = len(all_records) - len(new_records) - bad
        for file in files:
            yield FileCount(file, new=len(new_records), known=known, refused=bad)
