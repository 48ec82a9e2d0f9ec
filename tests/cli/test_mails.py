"""``mccs mails``, ``mccs mailbox`` and ``mccs mail-preview``, as an operator runs them."""

from pathlib import Path
from uuid import uuid4

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import MailKind, MailState
from mccs_graphql.settings import Language, Settings
from tests.cli.test_commands import mccs
from tests.factories import make_member
from tests.mails import change, mail_of, queue


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--retry", "some"), "some is neither the id of a mail nor `all`"),
        (("--retry", str(uuid4())), "No mail of this id was given up."),
    ],
    ids=["no-id", "no-mail"],
)
def test_mail_that_was_not_given_up_cannot_be_retried(
    settings: Settings, words: tuple[str, ...], said: str
) -> None:
    result = mccs("mails", *words, settings=settings)

    assert result.returncode != 0
    assert said in result.stderr


async def test_dead_letters_are_listed_and_retried(
    empty_settings: Settings, empty_database: Database
) -> None:
    mail = await queue(empty_database, await make_member(empty_database))
    error = "550 5.1.1 No such user"
    await change(empty_database, mail, state=MailState.FAILED, attempts=3, error=error)

    counted = mccs("mails", settings=empty_settings).stdout
    listed = mccs("mails", "--dead", settings=empty_settings).stdout
    retried = mccs("mails", "--retry", str(mail), settings=empty_settings).stdout
    after = mccs("mails", "--dead", settings=empty_settings).stdout

    assert "failed   1" in counted
    assert listed.split()[-1] == "user"
    assert f"{mail}" in listed
    assert f"password_reset  3 attempts  {error}" in listed
    assert "1 to be tried again" in retried
    assert after.splitlines()[-1] == "None was given up."
    again = await mail_of(empty_database, mail)
    assert (again.state, again.attempts) == (MailState.QUEUED, 0)


def test_mailbox_that_is_empty_says_where_it_looked(tmp_path: Path) -> None:
    result = mccs("mailbox", "--folder", str(tmp_path))

    assert result.stdout == f"No mail in {tmp_path / 'mailbox'}\n"


def test_mail_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    result = mccs("mailbox", "7", "--folder", str(tmp_path))

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == f"Error: There are 0 mails in {tmp_path / 'mailbox'}\n"


def test_preview_has_each_kind_in_each_language_twice(tmp_path: Path) -> None:
    assert mccs("mail-preview", "--folder", str(tmp_path / "new")).returncode == 0

    written = {path.name for path in (tmp_path / "new").iterdir()}
    assert written == {
        f"{kind}.{language}.{ending}"
        for kind in MailKind
        for language in Language
        for ending in ("html", "txt")
    }


def test_worker_says_that_mails_wait(settings: Settings) -> None:
    result = mccs("worker", "--once", settings=settings)

    assert "they wait in the outbox until MCCS_SMTP_URL says where" in result.stderr
