"""A mail that a real server refused is seen by an admin, tried again, and sent once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from mccs_graphql.app import create_app
from mccs_graphql.db.models import AdminRole, MailKind
from tests.clients import GraphQLClient
from tests.factories import make_admin, make_member
from tests.mails import queue
from tests.post_office import TAKEN
from tests.sending import Sender

MAILS = """query Mails($state: MailState!) {
  mails(filter: { state: [$state] }) { totalCount nodes { id attempts reason sentAt } }
}"""
RETRY = """mutation Retry($input: RetryMailsInput!) { retryMails(input: $input) {
  ... on RetryMailsPayload { outcomes { refusal { ... on UserError { code } } } }
} }"""


@pytest.fixture
async def own(sender: Sender) -> AsyncIterator[GraphQLClient]:
    """The application beside the sender; it sends nothing itself."""
    app = create_app(sender.settings)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as client:
        yield client


async def test_refused_mail_is_seen_retried_and_sent_once(
    sender: Sender, own: GraphQLClient
) -> None:
    admin = await make_admin(sender.database, AdminRole.ADMIN)
    ana = await make_member(sender.database)
    await queue(sender.database, ana, MailKind.PASSWORD_RESET)
    sender.office.recipient_answers = [f"550 5.1.1 <{ana.email}>: No such user"]

    assert await sender.send() == []
    failed: dict[str, Any] = (await own(MAILS, by=admin, state="FAILED"))["mails"]
    (mail,) = failed["nodes"]
    assert (failed["totalCount"], mail["attempts"]) == (1, 1)
    assert mail["reason"].startswith("550 5.1.1")
    assert "@" not in mail["reason"]

    assert len(await sender.send()) == 0, "nobody has it tried again yet"
    sender.office.recipient_answers = [TAKEN]
    retried = await own(RETRY, by=admin, input={"ids": [mail["id"]]})
    assert retried["retryMails"]["outcomes"] == [{"refusal": None}]

    for _ in range(2):
        assert len(await sender.send()) == 1
    assert (await own(MAILS, by=admin, state="FAILED"))["mails"]["nodes"] == []
    (sent,) = (await own(MAILS, by=admin, state="SENT"))["mails"]["nodes"]
    assert (sent["id"], sent["reason"]) == (mail["id"], "")
    assert sent["sentAt"]
