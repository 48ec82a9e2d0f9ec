"""A mail server for the tests: it takes mails, refuses them, or does neither."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

NEAR = "127.0.0.1"
ELSEWHERE = "0.0.0.0"  # noqa: S104 - this machine, by an address that does not look like it
USER, PASSWORD = "mccs@post.example", "s3cret/:@"
TAKEN = "250 OK"


class PostOffice:
    """What has come in, and what it is to answer next; the last answer goes on for ever."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.recipient_answers = [TAKEN]
        self.data_answers = [TAKEN]
        self.connections = 0
        self.logged_in: list[str] = []
        self.silent = asyncio.Event()
        self.delay = 0.0
        self.delay_after = 0.0
        """From when a mail is taken until its sender is told so, in seconds."""
        self.port = 0

    @property
    def received(self) -> list[EmailMessage]:
        """The mails that were taken."""
        return [
            message_from_bytes(envelope.original_content or b"", policy=default)
            for envelope in self.envelopes
        ]

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for these names
        self, _server: SMTP, _session: Any, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = _next(self.recipient_answers)
        if answer == TAKEN:
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.silent.is_set():
            await asyncio.sleep(3600)
        await asyncio.sleep(self.delay)
        answer = _next(self.data_answers)
        if answer == TAKEN:
            self.envelopes.append(envelope)
            await asyncio.sleep(self.delay_after)
        return answer

    def log_in(
        self, _server: SMTP, _session: Any, _envelope: Envelope, _mechanism: str, data: Any
    ) -> AuthResult:
        assert isinstance(data, LoginPassword)
        said = (data.login.decode(), data.password.decode())
        self.logged_in.append(said[0])
        return AuthResult(success=said == (USER, PASSWORD), handled=False)

    def connect(self, make: Callable[[], SMTP]) -> SMTP:
        self.connections += 1
        return make()


def _next(answers: list[str]) -> str:
    return answers.pop(0) if len(answers) > 1 else answers[0]


@asynccontextmanager
async def post_office(
    *, tls: ssl.SSLContext | None = None, implicit: bool = False, auth: bool = False
) -> AsyncIterator[PostOffice]:
    """A server on a free port; with ``tls`` it offers STARTTLS, or is ``implicit`` about it."""
    office = PostOffice()
    make = partial(
        SMTP,
        office,
        hostname="post.example",
        enable_SMTPUTF8=True,
        tls_context=None if implicit else tls,
        authenticator=office.log_in if auth else None,
        auth_require_tls=not implicit,
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(
        lambda: office.connect(make), ELSEWHERE, 0, ssl=tls if implicit else None
    )
    office.port = server.sockets[0].getsockname()[1]
    try:
        yield office
    finally:
        server.close()
        await asyncio.sleep(0)


def certificate(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A new certificate for this machine: what a server uses, and what a client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "post.example")])
    now = datetime.now(UTC)
    addresses = [x509.IPAddress(ip_address(address)) for address in (NEAR, ELSEWHERE)]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(addresses), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = made.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = folder / "server.pem"
    path.write_bytes(private + public)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(path)
    return server, ssl.create_default_context(cadata=public.decode())
