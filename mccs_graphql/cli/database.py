"""The database that a command works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mccs_graphql.cli.serve import migrate, plainly
from mccs_graphql.embedded import database_in_use, default_folder, servers
from mccs_graphql.settings import Settings


@contextmanager
def up_to_date(folder: Path | None) -> Iterator[Settings]:
    """Settings with the database of DATABASE_URL, else with the one kept in ``folder``.

    That one may be in use by a running ``mccs serve``; otherwise it is started for the block.
    """
    with plainly():
        settings = Settings()
        chosen = (folder or default_folder()).absolute()
        url = settings.database_url or database_in_use(chosen)
        if url:
            yield _migrated(settings, url)
        else:
            with servers(chosen, redis=False) as own:
                yield _migrated(settings, own.database_url)


def _migrated(settings: Settings, database_url: str) -> Settings:
    settings = settings.model_copy(update={"database_url": database_url})
    migrate(settings)
    return settings
