"""The large community is whole, the same each time, and as true as if members had made it."""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Executable, func, select, text

from mccs_graphql.cli import seed
from mccs_graphql.cli.progress import line
from mccs_graphql.communities.empty import CommunityNotEmpty
from mccs_graphql.communities.large import Summary, load_large, tidy
from mccs_graphql.communities.large.members import Member, Population
from mccs_graphql.communities.large.vocabulary import size_for
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Account,
    Counted,
    Entity,
    EntityCategory,
    EntityTag,
    ListingCount,
    Membership,
    User,
    Word,
)
from mccs_graphql.db.models.directory import EVERYTHING
from mccs_graphql.domain.contact import email_problems
from mccs_graphql.domain.directory.tags import parse_tag
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.domain.ledger.account_numbers import is_account_number
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.embedded import Servers
from mccs_graphql.settings import Settings
from tests.communities.seed_files import row_counts
from tests.conftest import settings_for
from tests.databases import temporary_database

NOW = datetime(2030, 6, 15, 12, tzinfo=UTC)
ENTITIES = 300
STRUCTURE = """
    SELECT pg_get_indexdef(indexrelid) FROM pg_index
     WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
    UNION ALL
    SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
           || CAST(convalidated AS text)
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION ALL
    SELECT pg_get_triggerdef(oid) || CAST(tgenabled AS text) FROM pg_trigger WHERE NOT tgisinternal
    ORDER BY 1
"""


class Stopped(Exception):
    """As if somebody pressed Ctrl-C."""


def stop_at(stage: str) -> Callable[[str, int, int], None]:
    """A progress that ends the load when it hears of this."""

    def hear(what: str, _done: int, _of: int) -> None:
        if what == stage:
            raise Stopped

    return hear


def ignore(_what: str, _done: int, _of: int) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
async def crowd(started: Servers, template: str) -> AsyncIterator[Database]:
    """A database with a large community, for tests that only read it."""
    prefix = f"mccs_crowd_{os.getpid()}"
    async with temporary_database(started.owner_url, prefix, template=template) as name:
        settings = settings_for(started, name)
        await load_large(settings, entities=ENTITIES, progress=ignore, now=NOW)
        await tidy(settings, progress=ignore)
        database = Database(settings)
        yield database
        await database.close()


@pytest.fixture(scope="module")
def members() -> list[Member]:
    """Enough of them for shares to be what they should."""
    return list(Population(entities=3_000, now=NOW).members())


async def rows_of(database: Database, statement: Executable) -> list[Any]:
    """Every row."""
    async with database.reading() as session:
        return list(await session.execute(statement))


async def structure(database: Database) -> list[str]:
    """All indexes, constraints and triggers, as the catalogue tells them."""
    async with database.reading() as session:
        return list(await session.scalars(text(STRUCTURE)))


async def load(settings: Settings, progress: Callable[[str, int, int], None] = ignore) -> Summary:
    """A handful of members."""
    return await load_large(settings, entities=12, progress=progress, now=NOW)


@pytest.mark.parametrize("entities", ["0", "-1", "2000001", "many"])
def test_other_numbers_of_entities_are_refused(entities: str) -> None:
    result = CliRunner().invoke(seed.command, ["--entities", entities])

    assert result.exit_code == 2
    assert "Invalid value for '--entities'" in result.output


@pytest.mark.parametrize("stage", ["Loading entities", "Building indexes", "Waking triggers"])
async def test_stopped_load_leaves_nothing_and_can_begin_again(
    empty_database: Database, empty_settings: Settings, stage: str
) -> None:
    before = await structure(empty_database)

    with pytest.raises(Stopped):
        await load(empty_settings, stop_at(stage))

    assert await row_counts(empty_database) == {}
    assert await structure(empty_database) == before
    assert (await load(empty_settings)).entities == 12


async def test_database_with_a_user_is_refused(
    empty_database: Database, empty_settings: Settings
) -> None:
    async with empty_database.writing() as session:
        session.add(User(email="root@example.com", password_hash="!"))

    with pytest.raises(CommunityNotEmpty):
        await load(empty_settings)
    assert await row_counts(empty_database) == {"users": 1}


async def test_what_was_set_aside_is_back_as_it_was(
    empty_database: Database, empty_settings: Settings
) -> None:
    before = await structure(empty_database)

    await load(empty_settings)

    assert await structure(empty_database) == before


def test_command_loads_once_and_names_two_logins(empty_settings: Settings) -> None:
    urls = (empty_settings.database_url, empty_settings.owner_database_url)
    names = ("DATABASE_URL", "MCCS_OWNER_DATABASE_URL")
    runner = CliRunner(env=dict(zip(names, urls, strict=True)))

    first, again = (runner.invoke(seed.command, ["--entities", "12"]) for _ in range(2))

    assert first.exit_code == 0, first.output
    assert "12 entities with a user and an account each" in first.output
    assert first.output.count("Sample login: member-0000") == 2
    assert again.exit_code == 1
    assert "Error: There is a community in this database already." in again.output


async def test_logins_are_of_members_who_trade(
    empty_database: Database, empty_settings: Settings
) -> None:
    summary = await load(empty_settings)

    (email, password), _ = summary.logins
    passwords = Passwords(memory_kib=empty_settings.password_memory_kib)
    trading = select(User.password_hash).join(Membership).join(Entity)
    ((kept,),) = await rows_of(
        empty_database, trading.where(User.email == email, Entity.status == "tradingAccepted")
    )
    assert await passwords.verify(password, kept)


async def test_everybody_has_one_user_one_account_one_membership(crowd: Database) -> None:
    counts = await row_counts(crowd)
    same = {"users", "entities", "accounts", "memberships"}

    assert {table: counts[table] for table in same} == dict.fromkeys(same, ENTITIES)
    assert len(await rows_of(crowd, select(Membership.user_id).distinct())) == ENTITIES
    assert len(await rows_of(crowd, select(Membership.entity_id).distinct())) == ENTITIES
    assert len(await rows_of(crowd, select(func.lower(User.email)).distinct())) == ENTITIES


async def test_account_numbers_are_right(crowd: Database) -> None:
    numbers = await rows_of(crowd, select(Account.account_number))

    assert all(is_account_number(number) for (number,) in numbers)


async def test_books_balance(crowd: Database) -> None:
    async with crowd.snapshot() as session:
        findings = await check_books(session, progress=lambda _check: None)

    assert (findings.differences, findings.accounts) == ((), ENTITIES)


@pytest.mark.parametrize("listing", [EntityTag, EntityCategory])
async def test_copies_are_what_the_entities_say(crowd: Database, listing: Any) -> None:
    joined = select(listing).join(Entity, Entity.id == listing.entity_id)
    stale = (listing.sort_name != Entity.sort_name) | (listing.listed != Entity.listed)

    assert len(await rows_of(crowd, joined)) >= ENTITIES
    assert not await rows_of(crowd, joined.where(stale))


async def test_counts_are_kept_in_one_row_each_and_true(crowd: Database) -> None:
    kept = await rows_of(
        crowd, select(ListingCount.kind, ListingCount.subject_id, ListingCount.entities)
    )

    tags = select(EntityTag.kind, EntityTag.tag_id, func.count()).where(EntityTag.listed)
    filed = select(EntityCategory.category_id, func.count()).where(EntityCategory.listed)
    ((listed,),) = await rows_of(crowd, select(func.count()).where(Entity.listed))
    assert sorted(map(tuple, kept)) == sorted(
        [
            *map(tuple, await rows_of(crowd, tags.group_by(EntityTag.kind, EntityTag.tag_id))),
            *(
                (Counted.CATEGORY, subject, count)
                for subject, count in await rows_of(crowd, filed.group_by("category_id"))
            ),
            (Counted.ENTITY, EVERYTHING, listed),
        ]
    )


async def test_every_word_of_a_name_or_a_description_is_noted(crowd: Database) -> None:
    written = func.words_of(Entity.name + " " + Entity.description)
    words = select(func.unnest(written).label("word")).distinct().subquery()
    noted = select(Word).where(Word.word == words.c.word).exists()

    assert not await rows_of(crowd, select(words).where(~noted))


async def test_tags_stand_in_their_accepted_form(crowd: Database) -> None:
    async with crowd.reading() as session:
        names = (await session.scalars(text("SELECT name FROM tags"))).all()

    assert len(names) == size_for(ENTITIES)
    assert [parse_tag(name) for name in names] == list(names)


def test_same_number_makes_the_same_members() -> None:
    first, again = (list(Population(entities=40, now=NOW).members()) for _ in range(2))

    assert first == again


def test_statuses_are_shared_out_as_stated(members: list[Member]) -> None:
    count = Counter(member.status.value for member in members)

    assert count["tradingAccepted"] / len(members) == pytest.approx(0.70, abs=0.03)
    assert count["accepted"] / len(members) == pytest.approx(0.20, abs=0.03)
    assert count["pending"] / len(members) == pytest.approx(0.05, abs=0.02)
    assert len(count) == 6


def test_lists_have_one_to_six_offers_and_up_to_five_wants(members: list[Member]) -> None:
    offers = Counter(len({listing.tag for listing in member.offers}) for member in members)
    wants = Counter(len({listing.tag for listing in member.wants}) for member in members)

    assert set(offers) == set(range(1, 7))
    assert set(wants) == set(range(6))
    assert set(map(len, (member.headings for member in members))) == {1, 2}


def test_first_tag_is_common_and_most_are_rare(members: list[Member]) -> None:
    carried = Counter(
        listing.tag for member in members for listing in (*member.offers, *member.wants)
    )

    assert 0.01 < carried.most_common(1)[0][1] / len(members) < 0.08
    assert sum(count < 5 for count in carried.values()) > len(carried) / 10


def test_nothing_was_listed_before_its_member_joined(members: list[Member]) -> None:
    for member in members:
        for listing in (*member.offers, *member.wants):
            assert member.joined <= listing.since <= NOW


def test_addresses_are_good_and_descriptions_have_ten_to_forty_words(
    members: list[Member],
) -> None:
    assert not list(email_problems("email", members[0].email))
    assert all(10 <= len(member.description.split()) <= 40 for member in members)


def test_vocabulary_grows_slowly() -> None:
    assert size_for(10_000) == pytest.approx(1_500, rel=0.02)
    assert size_for(1_000_000) == pytest.approx(6_000, rel=0.02)


def test_progress_tells_rate_and_time_left() -> None:
    assert (
        line("Loading", 5_000, 20_000, seconds=10) == "Loading: 5,000 of 20,000, 500/s, 30 s left"
    )
    assert line("Loading", 0, 20_000, seconds=0) == "Loading: 0 of 20,000"
    assert line("Loading", 20_000, 20_000, seconds=61) == "Loading: 20,000 of 20,000 in 1 min 01 s"
