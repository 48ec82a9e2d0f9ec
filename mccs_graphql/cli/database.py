"""The database that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mccs_graphql.cli.serve import migrate, plainly
from mccs_graphql.embedded import Servers, database_in_use, default_folder, servers
from mccs_graphql.settings import Settings


@contextmanager
def up_to_date(folder: Path | None) -> Iterator[Settings]:
    """Settings with the database of DATABASE_URL, else with the one kept in ``folder``.

    That one may be in use by a running ``mccs serve``; otherwise it is started for the block.
    """
    with plainly():
        settings = Settings()
        chosen = (folder or default_folder()).absolute()
        if settings.database_url:
            yield _migrated(settings)
        elif in_use := database_in_use(chosen):
            yield _migrated(on(in_use, settings))
        else:
            with servers(chosen, redis=False) as own:
                yield _migrated(on(own, settings))


def on(own: Servers, settings: Settings) -> Settings:
    """The settings with a database of our own."""
    addresses = {"database_url": own.database_url, "owner_database_url": own.owner_url}
    return settings.model_copy(update=addresses)


def _migrated(settings: Settings) -> Settings:
    migrate(settings)
    return settings
