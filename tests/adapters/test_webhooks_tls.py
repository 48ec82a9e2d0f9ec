"""Webhooks over TLS: the certificate has to be good, and for the name."""

from pathlib import Path

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import WebhookFault
from mccs_graphql.settings import Settings
from tests.certificates import certificate
from tests.factories import make_member
from tests.receivers import receiver
from tests.webhooks import Worker, attempts_of, make_webhook, propose


@pytest.mark.parametrize(
    ("of", "trusted", "fault"),
    [
        ("localhost", False, WebhookFault.TLS),
        ("other.example", True, WebhookFault.TLS),
        ("localhost", True, None),
    ],
)
async def test_only_who_proves_the_name_is_told(
    empty_settings: Settings,
    empty_database: Database,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    of: str,
    trusted: bool,
    fault: WebhookFault | None,
) -> None:
    file, context = certificate(tmp_path, of)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
    ana, ben = await make_member(empty_database), await make_member(empty_database)
    async with receiver(tls=context) as server:
        url = f"https://localhost:{server.port}/hook"
        webhook = await make_webhook(empty_database, ana, url)
        await propose(empty_database, ana, ben)

        await Worker(empty_settings, empty_database).deliver()

    (attempt,) = await attempts_of(empty_database, webhook)
    assert attempt.fault is fault
    assert len(server.received) == (0 if fault else 1)
