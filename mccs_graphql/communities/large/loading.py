"""Loading a large community, whole or not at all."""

from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.alone import load_alone
from mccs_graphql.communities.empty import require_empty
from mccs_graphql.communities.large.ahead import made_ahead
from mccs_graphql.communities.large.aside import put_back, set_aside, take_tables
from mccs_graphql.communities.large.counts import compact_counts
from mccs_graphql.communities.large.members import Population
from mccs_graphql.communities.large.rows import Terms
from mccs_graphql.communities.large.steps import Progress
from mccs_graphql.communities.large.tidying import NO_TIMEOUT, clear, patient
from mccs_graphql.communities.large.writing import (
    Batch,
    driver_of,
    make_batch,
    write_batch,
    write_shared,
)
from mccs_graphql.communities.sample.logins import SAMPLE_PASSWORD
from mccs_graphql.db.models import Tag
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, summarise
from mccs_graphql.domain.directory.kin import relate
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.money import to_money
from mccs_graphql.settings import Settings

ENTITIES_MAX = 2_000_000
BATCH = 5_000
"""Members written at a time: some seconds of work, and some ten megabytes."""
TAGS_AT_ONCE = 100
LOGINS = 2


@dataclass(frozen=True)
class Summary:
    """How much was loaded, and with which addresses one can log in and trade."""

    entities: int
    tags: int
    logins: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        return f"{self.entities:,} entities with a user and an account each, {self.tags:,} tags"


async def load_large(
    settings: Settings, *, entities: int, progress: Progress, now: datetime | None = None
) -> Summary:
    """Load so many members in one transaction. Raises CommunityNotEmpty.

    For as long as it lasts the tables are ours alone: others wait. Whatever ends it before its
    commit leaves nothing behind. ``tidy`` should follow.
    """
    population = Population(entities=entities, now=now or datetime.now(UTC))
    async with patient(settings) as database:
        async with database.reading() as session:
            await require_empty(session)
        await clear(database, progress=progress)
        terms = await _terms(settings)
        async with database.writing() as session:
            await _load(session, population, terms, progress)
    return _summary(population)


async def _load(
    session: AsyncSession, population: Population, terms: Terms, progress: Progress
) -> None:
    await load_alone(session)
    await take_tables(session)
    await require_empty(session)
    await session.execute(text(f"SET LOCAL statement_timeout = {NO_TIMEOUT}"))
    # Each row is checked as it comes; at the commit, nobody would see how far that is.
    await session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
    aside = await set_aside(session)
    await _write(session, population, terms, progress)
    await compact_counts(session)
    await put_back(session, aside, progress=progress)
    await _relate_tags(session, progress)
    await summarise(session, Deed("seed", SYSTEM), reason=str(_summary(population)))


async def _write(
    session: AsyncSession, population: Population, terms: Terms, progress: Progress
) -> None:
    driver = await driver_of(session)
    await write_shared(driver, population)
    done = 0
    async with aclosing(made_ahead(_batches(population, terms))) as batches:
        async for batch in batches:
            progress("Loading entities", done, population.entities)
            await write_batch(driver, batch)
            done += batch.members
    progress("Loading entities", done, population.entities)


async def _relate_tags(session: AsyncSession, progress: Progress) -> None:
    """Once the index is back by which a tag's kin are found."""
    tags = [(name, id_) for name, id_ in await session.execute(select(Tag.name, Tag.id))]
    for start in range(0, len(tags), TAGS_AT_ONCE):
        progress("Relating tags", start, len(tags))
        await relate(session, dict(tags[start : start + TAGS_AT_ONCE]))
    progress("Relating tags", len(tags), len(tags))


def _batches(population: Population, terms: Terms) -> Iterator[Batch]:
    members = population.members()
    while some := list(islice(members, BATCH)):
        yield make_batch(some, terms)


async def _terms(settings: Settings) -> Terms:
    """One hash for all: a million of them would take days."""
    passwords = Passwords(memory_kib=settings.password_memory_kib)
    return Terms(
        await passwords.hash(SAMPLE_PASSWORD),
        to_money(settings.max_negative_balance, scale=settings.unit_scale),
        to_money(settings.max_positive_balance, scale=settings.unit_scale),
    )


def _summary(population: Population) -> Summary:
    trading = (member.email for member in population.members() if member.trades)
    return Summary(
        entities=population.entities,
        tags=len(population.market.words),
        logins=tuple((email, SAMPLE_PASSWORD) for email in islice(trading, LOGINS)),
    )
