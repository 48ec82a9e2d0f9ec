"""The migration that gives entities a version."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from mccs_graphql.db.engine import asyncpg_url
from mccs_graphql.db.migrate import upgrade_async
from mccs_graphql.embedded import Servers
from tests.databases import temporary_database, url_of

OLD_ENTITY = text("""
    INSERT INTO entities (id, name, status, email, telephone, inc_type, company_number, website,
                          description, address, city, region, postal_code, country,
                          show_tags_matched_since_last_login,
                          receive_daily_match_notification_email)
    VALUES (gen_random_uuid(), 'Ana', 'pending', '', '', 'odd', '', '', '', '', '', '', '', '',
            false, false)
""")


async def test_entities_that_are_there_begin_with_version_one(started: Servers) -> None:
    async with temporary_database(started.owner_url, "mccs_versions") as name:
        url = url_of(started.owner_url, name)
        await upgrade_async(url, revision="0002")
        engine = create_async_engine(asyncpg_url(url))
        async with engine.begin() as connection:
            await connection.execute(OLD_ENTITY)

        await upgrade_async(url)

        async with engine.connect() as connection:
            rows = await connection.execute(text("SELECT name, inc_type, version FROM entities"))
            assert [tuple(row) for row in rows] == [("Ana", "odd", 1)]
        await engine.dispose()
