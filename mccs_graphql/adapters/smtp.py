"""Mails are given to an SMTP server, over TLS."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from aiosmtplib import (
    SMTP,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPServerDisconnected,
)

from mccs_graphql.adapters.post import Deliver, Lost, NotNow, Refused, Unreachable
from mccs_graphql.settings import LOOPBACK, Settings

REPLY_SECONDS = 20.0
"""For one answer of the server."""
CONNECT_SECONDS = 30.0
"""To connect, to agree on TLS and to log in."""
SEND_SECONDS = 60.0
"""For one mail, with everything; far less than its lease."""
CLOSE_SECONDS = 5.0
PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = 500
"""From this code on a server has decided."""
CLOSING = 421


class SmtpPost:
    """One SMTP server, from ``smtp://user:password@host:port`` or ``smtps://``.

    ``smtp`` means STARTTLS, which the server must offer unless it is on this machine or the URL
    ends with ``?tls=off``. Certificates are checked against those that the system trusts.
    """

    def __init__(self, settings: Settings, *, trusted: ssl.SSLContext | None = None) -> None:
        url = urlsplit(settings.smtp_url.get_secret_value())
        self._host, self._port = url.hostname or "", url.port or PORTS[url.scheme]
        self._user = unquote(url.username) if url.username else None
        self._password = unquote(url.password) if url.password else None
        self._implicit_tls = url.scheme == "smtps"
        plain = self._host in LOOPBACK or url.query == "tls=off"
        self._start_tls = not self._implicit_tls and not plain
        self._trusted = trusted or ssl.create_default_context()
        _, self._sender = settings.sender

    @property
    def place(self) -> str:
        """The server, without user and password."""
        tls = "TLS" if self._implicit_tls or self._start_tls else "no TLS"
        return f"{self._host}:{self._port} ({tls})"

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Deliver]:
        """One connection for all mails of the block. Raises Unreachable."""
        client = await self._connect()

        async def deliver(message: EmailMessage) -> None:
            await self._deliver(client, message)

        try:
            yield deliver
        finally:
            await _hang_up(client)

    async def _connect(self) -> SMTP:
        client = SMTP(
            hostname=self._host,
            port=self._port,
            username=self._user,
            password=self._password,
            # Asking the resolver for our own name may take long; the mails' domain says who we are.
            local_hostname=self._sender.partition("@")[2],
            timeout=REPLY_SECONDS,
            use_tls=self._implicit_tls,
            start_tls=self._start_tls,
            tls_context=self._trusted,
        )
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                await client.connect()
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise Unreachable(_reason(error)) from error
        except BaseException:
            client.close()
            raise
        return client

    async def _deliver(self, client: SMTP, message: EmailMessage) -> None:
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await client.send_message(message, sender=self._sender)
        except SMTPRecipientsRefused as error:
            raise _of_code(error.recipients[0]) from error
        except SMTPDataError as error:
            raise _of_code(error) from error
        except (SMTPNotSupported, ValueError) as error:
            raise Refused(_reason(error)) from error
        except SMTPResponseException as error:
            # About us rather than about this mail: our address, our rights.
            raise NotNow(_reason(error)) from error
        except (SMTPException, OSError, TimeoutError) as error:
            client.close()
            raise Lost(_reason(error)) from error


def _of_code(error: SMTPResponseException) -> Refused | NotNow | Lost:
    if error.code >= PERMANENT:
        return Refused(_reason(error))
    return Lost(_reason(error)) if error.code == CLOSING else NotNow(_reason(error))


def _reason(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {error.message}"
    if isinstance(error, TimeoutError):
        return "The server did not answer in time."
    return f"{type(error).__name__}: {error}"


async def _hang_up(client: SMTP) -> None:
    with suppress(SMTPException, OSError, TimeoutError):
        async with asyncio.timeout(CLOSE_SECONDS):
            if client.is_connected:
                with suppress(SMTPServerDisconnected):
                    await client.quit()
    client.close()
