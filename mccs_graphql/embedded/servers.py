"""Both servers, or the one that is wanted, for the time of a block."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mccs_graphql.embedded.account import own_account, postgres_account, refuse_unsupported
from mccs_graphql.embedded.errors import system_failure
from mccs_graphql.embedded.folders import LOCK, open_data_folder
from mccs_graphql.embedded.locks import is_held, only_one
from mccs_graphql.embedded.postgres import addresses_in_use
from mccs_graphql.embedded.postgres import postgres as running_postgres
from mccs_graphql.embedded.redis import redis as running_redis


@dataclass(frozen=True)
class Servers:
    """The addresses of what runs; empty for a server that was not wanted.

    The role of ``database_url`` is there once ``owner_url`` has migrated.
    """

    folder: Path
    database_url: str = ""
    redis_url: str = ""
    owner_url: str = ""


@contextmanager
def servers(
    folder: Path, *, durable: bool = True, postgres: bool = True, redis: bool = True
) -> Iterator[Servers]:
    """Start the servers on the folder, and stop them at the end of the block.

    They end with this process however it ends. Only ``durable`` data survives a power cut; without
    it everything is faster. Raises ``EmbeddedServerError``.
    """
    refuse_unsupported()
    folder = folder.resolve()
    with ExitStack() as stack:
        try:
            started = start(stack, folder, durable=durable, postgres=postgres, redis=redis)
        except OSError as error:
            raise system_failure(error, folder) from error
        yield started


def database_in_use(folder: Path) -> Servers | None:
    """The database that another mccs serves from the folder now, if one does."""
    folder = folder.resolve()
    if not is_held(folder / LOCK):
        return None
    found = addresses_in_use(folder, account=postgres_account())
    return Servers(folder, found.application, owner_url=found.owner) if found else None


def start(stack: ExitStack, folder: Path, *, durable: bool, postgres: bool, redis: bool) -> Servers:
    account = postgres_account() if postgres else own_account()
    open_data_folder(folder, account)
    stack.enter_context(only_one(folder / LOCK))
    database_url = redis_url = owner_url = ""
    if redis:
        redis_url = stack.enter_context(running_redis(folder, account=account))
    if postgres:
        database = running_postgres(folder, account=account, durable=durable)
        found = stack.enter_context(database)
        database_url, owner_url = found.application, found.owner
    return Servers(folder, database_url, redis_url, owner_url)
