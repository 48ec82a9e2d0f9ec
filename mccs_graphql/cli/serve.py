"""``mccs serve``: everything a community needs, in one command."""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from pathlib import Path
from types import FrameType

import click
import uvicorn
from pydantic import ValidationError
from sqlalchemy.exc import ArgumentError, DBAPIError
from starlette.applications import Starlette

from mccs_graphql.adapters.tracing import ExtraMissing
from mccs_graphql.cli.http_protocol import BoundedProtocol
from mccs_graphql.embedded import EmbeddedServerError, Servers, default_folder, servers
from mccs_graphql.settings import PORT_MAX, Settings

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
# How long requests may go on after we were told to stop.
DRAIN_SECONDS = 5
MESSAGE_BYTES_MAX = 65_536
PING_SECONDS = 20.0
# What a browser on this machine opens when we listen everywhere.
NEAREST = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - bound only if the user says so

READY = """
Ready. Open {url} in a browser, paste this and run it:

  {log_in}

Then send the token in the header  Authorization: Bearer <token>  and ask:

  {{ viewer {{ email entities {{ name account {{ balance unit }} }} }} }}
"""
LOG_IN = (
    'mutation {{ logIn(input: {{email: "{email}", password: "{password}"}}) '
    "{{ ... on LogInPayload {{ token }} ... on UserError {{ message }} }} }}"
)
ONE_ROLE = (
    "The role of DATABASE_URL owns the tables, so it could switch off what guards the books. "
    "docs/operations.md says how to serve with a role that cannot."
)
NOT_THE_OWNER = (
    "The database has to be migrated by the role that owns it: name that one in "
    "MCCS_OWNER_DATABASE_URL. PostgreSQL says: {}"
)
OWN_LOG_IN = ("you@example.org", "your password")


@click.command("serve")
@click.option("--folder", type=click.Path(path_type=Path), help="Where the data is kept [.mccs].")
@click.option("--host", help="The address to listen on [127.0.0.1].")
@click.option("--port", type=click.IntRange(0, PORT_MAX), help="0 takes a free one [8000].")
def command(folder: Path | None, host: str | None, port: int | None) -> None:
    """Serve the API, with a PostgreSQL and a Redis of its own if need be.

    DATABASE_URL and REDIS_URL name others to use instead. The database is brought up to date; one
    of its own begins with a sample community.
    """
    with until_a_signal(), plainly():
        settings = read_settings(host=host, port=port)
        set_up_log(settings)
        require_free(settings.metrics_place)
        with listener(settings) as listening, own_servers(settings, folder) as own:
            settings = with_addresses(settings, listening=listening, own=own)
            migrate(settings)
            warn_of_one_role(settings)
            prepare_keys(settings)
            logins = load_sample(settings) if own and own.database_url else ()
            run(settings, listening, ready=lambda: say_ready(settings, own=own, logins=logins))


@contextmanager
def until_a_signal() -> Iterator[None]:
    """End the block, and what it opened, at Ctrl-C or SIGTERM; that is a good end."""
    with handling(signal.default_int_handler), suppress(KeyboardInterrupt):
        yield
    click.echo("Stopped.")


@contextmanager
def handling(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number in STOP_SIGNALS}
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)


@contextmanager
def plainly() -> Iterator[None]:
    """What the user can mend is a sentence, not a traceback."""
    try:
        yield
    except EmbeddedServerError as error:
        raise click.ClickException(str(error)) from error
    except ExtraMissing as error:
        raise click.ClickException(str(error)) from error
    except ValidationError as error:
        raise click.ClickException(wrong_settings(error)) from error


def wrong_settings(error: ValidationError) -> str:
    """Name each variable as it stands in the environment."""
    prefix = Settings.model_config["env_prefix"]
    names = [str(fault["loc"][0]) for fault in error.errors()]
    variables = [name if name.isupper() else f"{prefix}{name.upper()}" for name in names]
    said = [
        f"{name}: {fault['msg']}" for name, fault in zip(variables, error.errors(), strict=True)
    ]
    return "\n".join(said)


def read_settings(*, host: str | None, port: int | None) -> Settings:
    settings = Settings()
    named = {"host": host, "port": port, "process": settings.process or "serve"}
    return settings.model_copy(update={k: v for k, v in named.items() if v is not None})


def set_up_log(settings: Settings) -> None:
    from mccs_graphql.adapters import log_lines  # noqa: PLC0415 - as in migrate

    log_lines.set_up(settings)


def require_free(place: tuple[str, int] | None) -> None:
    """See that metrics can be served there, before anything slow is begun."""
    from mccs_graphql.endpoint import metrics  # noqa: PLC0415 - as in migrate

    if place is None:
        return
    try:
        with metrics.listener(*place):
            pass
    except OSError as error:
        host, port = place
        raise click.ClickException(
            f"MCCS_METRICS_ADDRESS: cannot listen on {host}, port {port}: {error.strerror}"
        ) from error


@contextmanager
def listener(settings: Settings) -> Iterator[socket.socket]:
    """The port, taken before anything slow is begun; nobody is let in yet."""
    host, port = settings.host, settings.port
    try:
        family, kind, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise click.ClickException(f"There is no address {host}; try --host 127.0.0.1") from None
    with socket.socket(family, kind) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(address)
        except OSError as error:
            raise port_refused(error, host=host, port=port) from error
        yield taken


def port_refused(error: OSError, *, host: str, port: int) -> click.ClickException:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < PORT_MAX else port - 1
        return click.ClickException(f"Port {port} is taken; try --port {other}")
    if error.errno == errno.EACCES:
        return click.ClickException(f"Port {port} is reserved for root; try --port 8000")
    return click.ClickException(f"Cannot listen on {host}, port {port}: {error.strerror}")


def own_servers(settings: Settings, folder: Path | None) -> AbstractContextManager[Servers | None]:
    """The servers nobody gave an address of."""
    database, redis = not settings.database_url, not settings.redis_url
    if not (database or redis):
        return nullcontext()
    names = " and ".join(["PostgreSQL"] * database + ["Redis"] * redis)
    chosen = (folder or default_folder()).absolute()
    click.echo(f"Starting {names} in {chosen}")
    return servers(chosen, postgres=database, redis=redis)


def with_addresses(
    settings: Settings, *, listening: socket.socket, own: Servers | None
) -> Settings:
    found: dict[str, object] = {"port": listening.getsockname()[1]}
    if own and own.database_url:
        found |= {"database_url": own.database_url, "owner_database_url": own.owner_url}
        found["mailbox"] = settings.mailbox or str(mailbox_in(own.folder))
    if own and own.redis_url:
        found["redis_url"] = own.redis_url
    return settings.model_copy(update=found)


def mailbox_in(folder: Path) -> Path:
    """Where mails are kept when a community is only being tried."""
    return folder.absolute() / "mailbox"


def migrate(settings: Settings) -> None:
    from mccs_graphql.db.migrate import upgrade  # noqa: PLC0415 - slow; a taken port is said first
    from mccs_graphql.db.roles import RoleMissing, may_not  # noqa: PLC0415 - as above

    click.echo("Bringing the database up to date", err=True)  # the output may be a table
    try:
        upgrade(settings.owner_url, application_url=settings.database_url)
    except RoleMissing as error:
        raise click.ClickException(str(error)) from None
    except (OSError, ArgumentError, DBAPIError) as error:
        if isinstance(error, DBAPIError) and may_not(error):
            raise click.ClickException(NOT_THE_OWNER.format(error.orig)) from error
        if isinstance(error, DBAPIError) and error.statement is not None:
            raise  # connected; the migration itself is at fault
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise click.ClickException(f"The database cannot be reached: {reason}") from error


def warn_of_one_role(settings: Settings) -> None:
    """Say so if who serves could also switch off what guards the books."""
    from mccs_graphql.db.roles import may_alter  # noqa: PLC0415 - as above

    if asyncio.run(may_alter(settings.database_url)):
        click.echo(ONE_ROLE)


def prepare_keys(settings: Settings) -> None:
    """Make the first signing key, and see that the secret fits the one there is."""
    from mccs_graphql.app import check_keys  # noqa: PLC0415 - as above
    from mccs_graphql.domain.identity.sealing import WrongSecret  # noqa: PLC0415 - as above

    try:
        asyncio.run(check_keys(settings))
    except WrongSecret:
        raise click.ClickException(
            "MCCS_SECRET is not the one that keys and second factors are sealed with. Set that "
            "one, or let `mccs rotate-keys` seal them with this."
        ) from None


def load_sample(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Fill an empty database; give the logins of the sample community."""
    from mccs_graphql.communities.sample import (  # noqa: PLC0415 - as above
        SAMPLE_LOGINS,
        load_when_empty,
    )

    if asyncio.run(load_when_empty(settings)):
        click.echo("Loaded the sample community")
    return SAMPLE_LOGINS


class WebServer(uvicorn.Server):
    """Says when it listens, and after a signal returns as after any other end."""

    def __init__(self, config: uvicorn.Config, *, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self.ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self.ready()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        # Uvicorn's own raises the signal again inside its loop, and logs what that breaks.
        with handling(self.handle_exit):
            yield


def run(settings: Settings, listening: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until a signal; give requests under way a bounded time to finish."""
    from mccs_graphql.app import create_app  # noqa: PLC0415 - as above

    WebServer(web_config(create_app(settings)), ready=ready).run(sockets=[listening])


def web_config(app: Starlette) -> uvicorn.Config:
    """How the application faces the network."""
    return uvicorn.Config(
        app,
        loop="uvloop",
        http=BoundedProtocol,
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=MESSAGE_BYTES_MAX,
        ws_ping_interval=PING_SECONDS,
        proxy_headers=False,  # believed from MCCS_TRUSTED_PROXIES only, by endpoint.client_address
        access_log=False,
        server_header=False,
        log_config=None,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )


def say_ready(
    settings: Settings, *, own: Servers | None, logins: tuple[tuple[str, str], ...]
) -> None:
    """Say where to go next."""
    email, password = logins[0] if logins else OWN_LOG_IN
    log_in = LOG_IN.format(email=email, password=password)
    click.echo(READY.format(url=graphql_url(settings), log_in=log_in))
    for login in logins:
        click.echo("Sample login: {} / {}".format(*login))
    click.echo(said_of_mails(settings))
    if own:
        click.echo(f"Data: {own.folder} (to begin anew, stop this and delete that folder)")
    click.echo("Ctrl-C stops everything.")


def said_of_mails(settings: Settings) -> str:
    from mccs_graphql.adapters.mailer import where_mails_go  # noqa: PLC0415 - as above

    return where_mails_go(settings)


def graphql_url(settings: Settings) -> str:
    host = NEAREST.get(settings.host, settings.host)
    bracketed = f"[{host}]" if ":" in host else host
    return f"http://{bracketed}:{settings.port}/graphql"
