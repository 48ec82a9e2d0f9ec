"""Mails are given to a real SMTP server."""

import asyncio
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pydantic import SecretStr

from mccs_graphql.adapters import smtp
from mccs_graphql.adapters.post import Lost, NotNow, PostError, Refused, Unreachable
from mccs_graphql.adapters.smtp import SmtpPost
from mccs_graphql.settings import Settings
from tests.post_office import ELSEWHERE, NEAR, PASSWORD, USER, certificate, post_office

SOON = 0.2
LOG_IN = f"{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@"


def settings_of(url: str) -> Settings:
    return Settings(
        smtp_url=SecretStr(url),
        mail_from="Post <post@mccs.example>",
        public_url="https://mccs.example",
        _env_file=None,
    )


def mail(to: str = "ana@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "post@mccs.example", to, "Hello"
    message.set_content("Hello")
    return message


async def give(post: SmtpPost, *mails: EmailMessage) -> None:
    async with post.open() as deliver:
        for message in mails:
            await deliver(message)


async def test_server_elsewhere_without_tls_gets_nothing() -> None:
    async with post_office() as office:
        post = SmtpPost(settings_of(f"smtp://{ELSEWHERE}:{office.port}"))
        with pytest.raises(Unreachable):
            await give(post, mail())

    assert office.received == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_server_with_a_certificate_nobody_trusts_gets_nothing(
    tmp_path: Path, scheme: str
) -> None:
    tls, _ = certificate(tmp_path)
    async with post_office(tls=tls, implicit=scheme == "smtps") as office:
        post = SmtpPost(settings_of(f"{scheme}://{LOG_IN}{ELSEWHERE}:{office.port}"))
        with pytest.raises(Unreachable):
            await give(post, mail())

    assert (office.received, office.logged_in) == ([], [])


async def test_wrong_password_reaches_nobody_and_is_not_told(tmp_path: Path) -> None:
    tls, trusted = certificate(tmp_path)
    async with post_office(tls=tls, auth=True) as office:
        url = f"smtp://{quote(USER)}:wr0ng-one@{ELSEWHERE}:{office.port}"
        with pytest.raises(Unreachable) as caught:
            await give(SmtpPost(settings_of(url), trusted=trusted), mail())

    assert "535" in caught.value.reason
    assert "wr0ng" not in caught.value.reason
    assert office.received == []


@pytest.mark.parametrize("scheme", ["smtp", "smtps"])
async def test_mails_go_over_tls_and_one_connection(tmp_path: Path, scheme: str) -> None:
    tls, trusted = certificate(tmp_path)
    async with post_office(tls=tls, implicit=scheme == "smtps", auth=True) as office:
        url = f"{scheme}://{LOG_IN}{ELSEWHERE}:{office.port}"
        await give(SmtpPost(settings_of(url), trusted=trusted), mail(), mail("ben@example.org"))

    assert [envelope.rcpt_tos for envelope in office.envelopes] == [
        ["ana@example.org"],
        ["ben@example.org"],
    ]
    assert (office.connections, office.logged_in) == (1, [USER])


async def test_server_on_this_machine_needs_no_tls() -> None:
    async with post_office() as office:
        await give(SmtpPost(settings_of(f"smtp://{NEAR}:{office.port}")), mail())

    assert office.envelopes[0].mail_from == "post@mccs.example"


async def test_tls_can_be_turned_off() -> None:
    async with post_office() as office:
        await give(SmtpPost(settings_of(f"smtp://{ELSEWHERE}:{office.port}?tls=off")), mail())

    assert len(office.received) == 1


async def test_address_with_letters_of_any_script_is_delivered() -> None:
    async with post_office() as office:
        await give(SmtpPost(settings_of(f"smtp://{NEAR}:{office.port}")), mail("jörg@example.org"))

    assert office.envelopes[0].rcpt_tos == ["jörg@example.org"]


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ("550 5.1.1 No such user", Refused),
        ("450 4.2.0 Greylisted", NotNow),
        ("421 4.7.0 Too many", Lost),
    ],
)
@pytest.mark.parametrize("step", ["recipient_answers", "data_answers"])
async def test_refusal_of_a_mail_does_not_end_the_connection_for_others(
    step: str, answers: str, error: type[PostError]
) -> None:
    async with post_office() as office:
        setattr(office, step, [answers, "250 OK"])
        async with SmtpPost(settings_of(f"smtp://{NEAR}:{office.port}")).open() as deliver:
            with pytest.raises(error, match=answers[:9]):
                await deliver(mail())
            if error is not Lost:
                await deliver(mail("ben@example.org"))

    taken = [envelope.rcpt_tos for envelope in office.envelopes]
    assert taken == ([] if error is Lost else [["ben@example.org"]])


async def test_reason_has_no_address_and_no_link() -> None:
    said = "554 <ana@example.org>: https://mccs.example/reset-password?token=Vb7d0m1Zk3 is spam"
    async with post_office() as office:
        office.data_answers = [said]
        with pytest.raises(Refused) as caught:
            await give(SmtpPost(settings_of(f"smtp://{NEAR}:{office.port}")), mail())

    assert caught.value.reason == "554 ... ... is spam"


async def test_nobody_there_is_said() -> None:
    async with post_office() as office:
        port = office.port

    with pytest.raises(Unreachable):
        await give(SmtpPost(settings_of(f"smtp://{NEAR}:{port}")), mail())


async def test_server_that_falls_silent_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "SEND_SECONDS", SOON)
    async with post_office() as office:
        office.silent.set()
        with pytest.raises(Lost, match="did not answer in time"):
            await give(SmtpPost(settings_of(f"smtp://{NEAR}:{office.port}")), mail())


async def test_server_that_never_greets_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "CONNECT_SECONDS", SOON)
    server = await asyncio.get_running_loop().create_server(asyncio.Protocol, NEAR, 0)
    port = server.sockets[0].getsockname()[1]
    with pytest.raises(Unreachable, match="did not answer in time"):
        await give(SmtpPost(settings_of(f"smtp://{NEAR}:{port}")), mail())
    server.close()


def test_place_tells_no_password() -> None:
    place = SmtpPost(settings_of(f"smtp://{LOG_IN}mail.example.org")).place

    assert place == "mail.example.org:587 (TLS)"


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.org",
        "https://mail.example.org",
        "smtp://",
        "smtp://mail.example.org:smtp",
        "smtp://mail.example.org/path",
        "smtp://mail.example.org?tls=no",
        "smtps://mail.example.org?tls=off",
        "smtp://user:password@mail.example.org?tls=off",
    ],
)
def test_url_that_is_wrong_or_tells_a_password_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="smtp_url"):
        settings_of(url)


def test_password_is_not_repeated_when_a_setting_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    for login in ("user:s3cret/:@", "user:s3cret@", "user:s3cret\u2100@", "user:s3cret@["):
        monkeypatch.setenv("MCCS_SMTP_URL", f"smtp://{login}mail.example.org")
        with pytest.raises(ValueError, match="for Settings") as caught:
            Settings(_env_file=None)
        assert "s3cret" not in str(caught.value)


def test_sender_of_any_script_is_written_in_ascii() -> None:
    settings = Settings(mail_from="Bäckerei <post@bäckerei.example>", _env_file=None)

    assert settings.sender == ("Bäckerei", "post@xn--bckerei-5wa.example")


@pytest.mark.parametrize("left_out", ["mail_from", "public_url"])
def test_server_without_a_sender_or_a_place_for_links_is_refused(left_out: str) -> None:
    said: dict[str, Any] = {"mail_from": "a@example.org", "public_url": "https://mccs.example"}
    said[left_out] = ""
    with pytest.raises(ValueError, match="MCCS_SMTP_URL needs"):
        Settings(smtp_url=SecretStr("smtp://mail.example.org"), **said, _env_file=None)


@pytest.mark.parametrize(
    "sender", ["nobody", "pöst@example.org", "A\nB <a@example.org>", "A <a@example.org>, b@c.org"]
)
def test_sender_that_is_no_address_is_refused(sender: str) -> None:
    with pytest.raises(ValueError, match="mail_from"):
        Settings(mail_from=sender, _env_file=None)


@pytest.mark.parametrize("url", ["mccs.example", "ftp://mccs.example", "https://a.example?x=1"])
def test_public_url_that_cannot_be_continued_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="public_url"):
        Settings(public_url=url, _env_file=None)
