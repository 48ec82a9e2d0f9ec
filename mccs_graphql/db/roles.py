"""What the role that serves may do in the database: what it needs, and nothing against the guards.

Whoever owns a table can disable its triggers; so the tables belong to another role, the owner,
that migrates and gives these rights.
"""

from collections.abc import Iterable
from getpass import getuser

from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from mccs_graphql.db.engine import asyncpg_url

FORBIDDEN_SQLSTATE = "42501"
SELECT, INSERT, UPDATE, DELETE = "SELECT", "INSERT", "UPDATE", "DELETE"
ORDINARY = frozenset((SELECT, INSERT, UPDATE, DELETE))
"""Of each table that is not named below, so that a new one is never without."""
RIGHTS: dict[str, frozenset[str]] = {
    "alembic_version": frozenset((SELECT,)),
    "accounts": frozenset((SELECT, INSERT, UPDATE)),
    "audit_entries": frozenset(
        (
            *(SELECT, INSERT, "UPDATE (sealed_seq)", "UPDATE (seal)"),
            *("UPDATE (details)", "UPDATE (salt)", "UPDATE (erased_by)"),
        )
    ),
    "audit_head": frozenset((SELECT, UPDATE)),
    "events": frozenset((SELECT, INSERT, DELETE, "UPDATE (told)")),
    "postings": frozenset((SELECT, INSERT)),
    "scheduled_jobs": frozenset((SELECT, UPDATE)),
    "transfers": frozenset((SELECT, INSERT, UPDATE)),
}
OF_SEQUENCES = frozenset(("USAGE",))

_GIVEN = text("""
    SELECT c.relname AS name, c.relkind = 'S' AS is_sequence,
           COALESCE(array_agg(own.right_) FILTER (WHERE own.right_ IS NOT NULL), '{}') AS rights
      FROM pg_class c
      LEFT JOIN LATERAL (
            SELECT privilege_type AS right_ FROM aclexplode(c.relacl)
             WHERE grantee = to_regrole(quote_ident(:role))
             UNION ALL
            SELECT format('%s (%s)', privilege_type, attname)
              FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl)
             WHERE a.attrelid = c.oid AND grantee = to_regrole(quote_ident(:role))
           ) own ON true
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
     GROUP BY c.oid ORDER BY c.relname
""")
_MAY_ALTER = text("""
    SELECT rolsuper OR EXISTS (
           SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace
              AND relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER'))
      FROM pg_roles WHERE rolname = current_user
""")


class RoleMissing(Exception):
    """The role that is to serve is not there, and nobody but an operator knows its password."""

    def __init__(self, role: str) -> None:
        super().__init__(
            f"There is no role {role} in the database, which DATABASE_URL names. Create it first; "
            "docs/operations.md says how."
        )


async def give_rights(connection: AsyncConnection, url: str) -> None:
    """Give the role of ``url`` its rights in every table, unless it is the one that gives them.

    A role without a password is made if it is missing: only a server that trusts whom the system
    names lets it in, as ours does. Raises RoleMissing.
    """
    parsed = make_url(url)
    role = parsed.username or getuser()
    if role == await connection.scalar(text("SELECT current_user")):
        return
    found = await connection.scalar(text("SELECT to_regrole(quote_ident(:r))"), {"r": role})
    quoted = connection.dialect.identifier_preparer.quote_identifier(role)
    if found is None:
        if parsed.password:
            raise RoleMissing(role)
        await connection.exec_driver_sql(f"CREATE ROLE {quoted} LOGIN")
    for row in (await connection.execute(_GIVEN, {"role": role})).all():
        wanted = OF_SEQUENCES if row.is_sequence else RIGHTS.get(row.name, ORDINARY)
        if set(row.rights) != wanted:
            kind = "SEQUENCE" if row.is_sequence else "TABLE"
            await _replace(connection, f'{kind} "{row.name}"', quoted, wanted)


async def may_alter(url: str) -> bool:
    """Whether the role of this URL could disable the triggers of the tables."""
    engine = create_async_engine(asyncpg_url(url))
    try:
        async with engine.connect() as connection:
            return bool(await connection.scalar(_MAY_ALTER))
    finally:
        await engine.dispose()


def may_not(error: DBAPIError) -> bool:
    """Whether PostgreSQL refused something because the role has no right to it."""
    return getattr(error.orig, "sqlstate", None) == FORBIDDEN_SQLSTATE


async def _replace(
    connection: AsyncConnection, table: str, role: str, rights: Iterable[str]
) -> None:
    await connection.exec_driver_sql(f"REVOKE ALL ON {table} FROM {role}")
    await connection.exec_driver_sql(f"GRANT {', '.join(sorted(rights))} ON {table} TO {role}")
