"""What the environment says, read once at the start."""

import re
from datetime import timedelta
from decimal import Decimal
from email.utils import getaddresses, parseaddr
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Literal, Self
from urllib.parse import SplitResult, parse_qs, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from email_validator import validate_email
from phonenumbers import SUPPORTED_REGIONS
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_ORIGIN = re.compile(r"\*|https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]+)?")
SECRET_MIN = 32
INT_MAX = 2**31 - 1
"""The largest number that a GraphQL Int holds; answers say the limits."""
Limit = Annotated[int, Field(ge=0, le=INT_MAX)]
"""0 is none."""
Days = Annotated[int, Field(ge=0, le=3650)]
"""0 is for ever."""
EVENT_DAYS_MIN = 30
"""What digests of matches look back to, so that no event is forgotten before its mail."""
PORT_MAX = 65_535
Port = Annotated[int, Field(ge=0, le=PORT_MAX)]
_PLACE = re.compile(r"(?:\[([0-9a-f:]+)\]|([A-Za-z0-9.-]+)):([0-9]{1,5})")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class Language(StrEnum):
    """A language that mails are written in."""

    EN = "en"
    DE = "de"


class LogFormat(StrEnum):
    """How lines of the log look; ``auto`` is text at a terminal, and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    TEXT = "text"


class Settings(BaseSettings):
    """Every setting with its default; an environment variable of the same name wins.

    Two go by the names every host knows, ``DATABASE_URL`` and ``REDIS_URL``; the others start with
    ``MCCS_``. Amounts are decimals in the community's unit.
    """

    model_config = SettingsConfigDict(
        env_prefix="MCCS_",
        frozen=True,
        extra="ignore",
        hide_input_in_errors=True,  # it holds passwords
    )

    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    redis_url: str = Field(default="", validation_alias="REDIS_URL")
    owner_database_url: str = ""
    """The same database for the role that owns the tables; without it one role does all."""

    host: str = "127.0.0.1"
    port: Port = 8000

    unit: str = Field(default="credits", min_length=1, max_length=30)
    unit_scale: int = Field(default=2, ge=0, le=6)
    max_negative_balance: Decimal = Field(default=Decimal(0), ge=0)
    max_positive_balance: Decimal = Field(default=Decimal(500), ge=0)
    trading_on_sign_up: bool = False

    region: str = "GB"
    time_zone: str = "UTC"
    proposal_days: Days = 30
    event_days: int = Field(default=90, ge=EVENT_DAYS_MIN, le=3650)

    session_days: int = Field(default=30, ge=1, le=365)
    access_token_minutes: int = Field(default=10, ge=1, le=60)
    statement_link_minutes: int = Field(default=15, ge=1, le=60)
    token_issuer: str = Field(default="mccs-graphql", min_length=1, max_length=200)
    secret: SecretStr = SecretStr("")
    former_secret: SecretStr = SecretStr("")
    """For ``mccs rotate-keys`` alone: what was sealed with this is sealed again."""
    admin_second_factor: bool = True
    """Whether admins have their powers only once they have a second factor."""
    second_factor_issuer: str = Field(default="Mutual credit", min_length=1, max_length=60)
    password_memory_kib: int = Field(default=65536, ge=8)

    rate_user: Limit = 10_000
    rate_session: Limit = 5_000
    rate_token: Limit = 5_000
    rate_visitor: Limit = 2_000
    rate_address: Limit = 50_000
    attempts_per_place: Limit = 10
    attempts_per_account: Limit = 100
    attempts_per_address: Limit = 50
    sign_ups_per_address: Limit = 20
    mails_per_mailbox: Limit = 5
    sockets_per_user: Limit = 20
    sockets_per_address: Limit = 500
    invitations_per_user: Limit = 20

    smtp_url: SecretStr = SecretStr("")
    mail_from: str = ""
    public_url: str = ""
    api_url: str = ""
    mailbox: str = ""
    language: Language = Language.EN
    notice_days: int = Field(default=180, ge=1)
    mails_per_minute: Limit = 100
    mails_per_recipient: Limit = 20

    webhook_private: bool = False
    """For development: webhooks may lead to this machine, also without TLS."""

    database_pool: int = Field(default=10, ge=1)
    statement_timeout_ms: int = Field(default=5000, ge=1)
    event_poll_seconds: float = Field(default=5.0, gt=0)
    allowed_origins: str = ""
    graphiql: bool = True
    introspection: Literal["all", "members", "off"] = "all"
    operation_seconds: float = Field(default=15.0, gt=0)
    trusted_proxies: str = ""
    hsts_seconds: int = Field(default=0, ge=0)
    process: str = Field(default="", max_length=30, pattern=r"^[A-Za-z0-9_.-]*$")
    """What this process is called in the database, in the log and in traces."""
    log_format: LogFormat = LogFormat.AUTO
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics_address: str = ""
    metrics_token: SecretStr = SecretStr("")
    otel_endpoint: str = Field(default="", pattern=r"^(https?://\S+)?$")

    @property
    def owner_url(self) -> str:
        """The database for whoever changes tables: migrations, and loads that set guards aside."""
        return self.owner_database_url or self.database_url

    @property
    def proxies(self) -> list[IPv4Network | IPv6Network]:
        """The networks of the proxies that say where a request comes from."""
        return [ip_network(network) for network in self.trusted_proxies.split()]

    @property
    def metrics_place(self) -> tuple[str, int] | None:
        """The host and the port that only metrics are served at."""
        found = _PLACE.fullmatch(self.metrics_address)
        return (found[1] or found[2], int(found[3])) if found else None

    @property
    def access_token_life(self) -> timedelta:
        """How long an access token is good."""
        return timedelta(minutes=self.access_token_minutes)

    @property
    def statement_link_life(self) -> timedelta:
        """How long a link to a statement is good."""
        return timedelta(minutes=self.statement_link_minutes)

    @property
    def signed_life(self) -> timedelta:
        """How long anything is good that the keys sign: so long must a retired one verify."""
        return max(self.access_token_life, self.statement_link_life)

    @property
    def zone(self) -> ZoneInfo:
        """Where it is night and morning for the community, and for users who chose no other."""
        return ZoneInfo(self.time_zone)

    @property
    def origins(self) -> list[str]:
        """The origins of front ends that are served from elsewhere."""
        return self.allowed_origins.split()

    @property
    def links_url(self) -> str:
        """What the links of mails begin with."""
        return self.public_url or f"http://127.0.0.1:{self.port}"

    @property
    def unsubscribe_url(self) -> str:
        """Where mails are turned off: at this server, as those who read mails reach it."""
        return f"{self.api_url or self.links_url}/unsubscribe"

    @property
    def sender(self) -> tuple[str, str]:
        """The name and the address that mails are from; the name is never empty."""
        name, address = parseaddr(self.mail_from or "mccs <mccs@localhost>")
        return name or address.partition("@")[2], _wire_email(address) or address

    @field_validator("time_zone")
    @classmethod
    def time_zone_is_known(cls, name: str) -> str:
        """By the name it has everywhere, as the hours of summer depend on it."""
        if name not in available_timezones():
            raise ValueError(f"not the name of a time zone, such as Europe/Berlin: {name}")
        return name

    @field_validator("allowed_origins")
    @classmethod
    def origins_are_as_browsers_send_them(cls, origins: str) -> str:
        """Compared letter by letter, an origin with a path or a capital would never match."""
        for origin in origins.split():
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(f"not an origin such as https://app.example.org: {origin}")
        return origins

    @field_validator("trusted_proxies")
    @classmethod
    def proxies_are_networks(cls, networks: str) -> str:
        """Addresses or networks, separated by spaces: ``10.0.0.0/8 ::1``."""
        for network in networks.split():
            ip_network(network)  # says itself what is wrong
        return networks

    @field_validator("region")
    @classmethod
    def region_is_one_that_has_telephones(cls, region: str) -> str:
        """Numbers without a country code are read as numbers of this region."""
        if region not in SUPPORTED_REGIONS:
            raise ValueError(f"not a region's code of two capital letters, such as GB: {region}")
        return region

    @field_validator("metrics_address")
    @classmethod
    def metrics_address_is_a_host_and_a_port(cls, address: str) -> str:
        """``127.0.0.1:9464``, or ``[::1]:9464``."""
        found = _PLACE.fullmatch(address)
        if address and not (found and 0 < int(found[3]) <= PORT_MAX):
            raise ValueError(f"not a host and a port, such as 127.0.0.1:9464: {address}")
        return address

    @field_validator("secret", "former_secret", "metrics_token")
    @classmethod
    def secret_is_long_or_absent(cls, secret: SecretStr) -> SecretStr:
        """It is not stretched as a password is, so it must be too long to guess."""
        if 0 < len(secret.get_secret_value()) < SECRET_MIN:
            raise ValueError(f"at least {SECRET_MIN} characters, chosen by chance")
        return secret

    @field_validator("smtp_url")
    @classmethod
    def smtp_url_is_safe(cls, secret: SecretStr) -> SecretStr:
        """Passwords, and links that log in, are not for everybody on the way to read."""
        if not (url := secret.get_secret_value()):
            return secret
        parts = _server_in(url)
        if parts is None:
            raise ValueError("not an address such as smtp://user:password@mail.example.org:587")
        query = parse_qs(parts.query, keep_blank_values=True)
        if query not in ({}, {"tls": ["off"]}) or (query and parts.scheme == "smtps"):
            raise ValueError("after the ? there can only be tls=off, and not with smtps")
        if query and parts.username and parts.hostname not in LOOPBACK:
            raise ValueError("a password is never sent without TLS: leave out the user, or tls=off")
        return secret

    @field_validator("mail_from")
    @classmethod
    def mail_from_is_an_address(cls, sender: str) -> str:
        """An address, or a name and an address: ``Eskerford Exchange <post@example.org>``."""
        if sender:
            (_, address), *others = getaddresses([sender])
            if others or not sender.isprintable():
                raise ValueError("not one address, such as Eskerford Exchange <post@example.org>")
            if _wire_email(address) is None:
                raise ValueError("has letters before the @ that not every server takes")
        return sender

    @field_validator("public_url", "api_url")
    @classmethod
    def public_url_can_be_continued(cls, url: str) -> str:
        """Paths are put behind it: ``https://app.example.org``, or with a path of its own."""
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.hostname):
            raise ValueError("not an address such as https://app.example.org")
        if parts.query or parts.fragment or not url.isprintable() or " " in url:
            raise ValueError("has more than a host and a path")
        return url.rstrip("/")

    @model_validator(mode="after")
    def mails_that_leave_say_where_from(self) -> Self:
        """Strangers' servers refuse mails from nowhere, and members cannot use links to it."""
        if self.smtp_url.get_secret_value() and not (self.mail_from and self.public_url):
            raise ValueError("MCCS_SMTP_URL needs MCCS_MAIL_FROM and MCCS_PUBLIC_URL beside it")
        return self

    @model_validator(mode="after")
    def limits_have_no_more_decimals_than_the_unit(self) -> Self:
        """A limit of 0.001 of a unit with two decimals would silently become another one."""
        for name in ("max_negative_balance", "max_positive_balance"):
            limit: Decimal = getattr(self, name)
            if limit != round(limit, self.unit_scale):
                raise ValueError(f"{name} has more than {self.unit_scale} decimals: {limit}")
        return self


def _server_in(url: str) -> SplitResult | None:
    """The parts of a mail server's address; what is wrong is not said, as it may be a password."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"smtp", "smtps"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return None
    return parts if known and not parts.path.strip("/") and not parts.fragment else None


def _wire_email(address: str) -> str | None:
    """The address in ASCII, if it has such a form. Raises EmailNotValidError."""
    # The address of the default is one of this machine.
    if address.endswith("@localhost"):
        return address
    return validate_email(address, check_deliverability=False, test_environment=True).ascii_email
