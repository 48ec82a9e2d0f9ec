"""New matches are told each morning, once, to those who want that, and only if there are any."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from mccs_graphql.adapters.mailer import Mailer
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import EntityStatus, JobName, Mail, MailKind, Membership, Role, User
from mccs_graphql.domain.mails import outbox
from mccs_graphql.settings import Language
from tests.adapters.test_mailing_once import Killed, KilledAfterwards
from tests.factories import Member
from tests.jobs.town import Town
from tests.listings import carry, set_status
from tests.mails import pass_time, states
from tests.sending import Sender, text_of, update, with_smtp

JOB = JobName.DAILY_DIGEST
DAY, QUARTER = timedelta(days=1), timedelta(minutes=15)


@pytest.fixture
async def ana(town: Town) -> Member:
    """Wants bread, and to be told each morning."""
    made = await town.member(wants_digest=True)
    await carry(town.database, made, wants=["bread"])
    return made


async def sleep_until_morning(town: Town) -> None:
    """A process looks just before the next seven o'clock, and the clock stands just after it."""
    now = town.clock.now
    morning = datetime.combine(now.date() + DAY, datetime.min.time(), now.tzinfo).replace(hour=7)
    town.clock.now = morning - QUARTER
    await look(town)
    town.clock.now = morning


async def look(town: Town) -> None:
    """A process does the digests, whose time has come."""
    await town.only(JOB)
    process = town.process()
    assert await process.run_due()


async def morning(town: Town) -> None:
    """It becomes seven o'clock, and digests are written."""
    await sleep_until_morning(town)
    await look(town)


async def digests(database: Database) -> list[Mail]:
    async with database.reading() as session:
        found = await session.scalars(
            select(Mail).where(Mail.kind == MailKind.DAILY_MATCHES).order_by(Mail.id)
        )
        return list(found)


async def test_who_does_not_want_it_is_told_nothing(town: Town, ana: Member) -> None:
    await town.switch_digest(ana, on=False)
    await town.offer("bread")

    await morning(town)

    assert await digests(town.database) == []


async def test_entity_that_is_not_listed_is_told_nothing(town: Town, ana: Member) -> None:
    await town.offer("bread")
    await set_status(town.database, ana, EntityStatus.REJECTED)

    await morning(town)

    assert await digests(town.database) == []


async def test_without_news_there_is_no_mail(town: Town, ana: Member) -> None:
    await town.offer("cheese")

    await morning(town)

    assert await digests(town.database) == []


async def test_before_the_morning_there_is_no_mail(town: Town, ana: Member) -> None:
    await town.offer("bread")

    await sleep_until_morning(town)

    assert await digests(town.database) == []


async def test_morning_is_that_of_the_community(town: Town, ana: Member) -> None:
    await town.offer("bread")
    await sleep_until_morning(town)
    town.settings = town.settings.model_copy(update={"time_zone": "America/New_York"})

    await look(town)

    assert await digests(town.database) == []


async def test_digest_names_each_match_with_both_tags(
    town: Town, sender: Sender, ana: Member
) -> None:
    await carry(town.database, ana, wants=["bread"], offers=["yarn"])
    baker = await town.offer("breads")
    knitter = await town.member()
    await carry(town.database, knitter, wants=["yarn"])
    await town.offer("cheese")

    await morning(town)
    (message,) = await sender.send()

    said = " ".join(text_of(message).split())
    assert message["To"] == ana.email
    assert message["Subject"] == "New matches: 2"
    assert (
        f"{baker.name} offers “breads”; you want “bread” https://app.mccs.example/entities/" in said
    )
    assert f"{knitter.name} wants “yarn”; you offer “yarn”" in said
    assert "/unsubscribe?token=" in message["List-Unsubscribe"]


async def test_morning_is_that_of_the_readers_time_zone(
    town: Town, sender: Sender, ana: Member
) -> None:
    await update(town.database, User, ana.user_id, time_zone="Asia/Tokyo")
    await town.offer("bread")

    await morning(town)
    assert await sender.send() == []
    town.clock.now = town.clock.now.replace(hour=22, minute=1)  # a minute past seven in Tokyo
    await look(town)

    assert [message["To"] for message in await sender.send()] == [ana.email]


async def test_digest_is_in_the_language_of_its_reader(
    town: Town, sender: Sender, ana: Member
) -> None:
    await update(town.database, User, ana.user_id, language=Language.DE)
    await town.offer("bread")

    await morning(town)
    (message,) = await sender.send()

    assert message["Subject"] == "Neue Treffer: 1"


async def test_all_members_are_told_and_each_of_all_their_entities(
    town: Town, sender: Sender, ana: Member
) -> None:
    ben = await town.member(wants_digest=True)
    await carry(town.database, ben, wants=["wine"])
    async with town.database.writing() as session:
        session.add(Membership(user_id=ben.user_id, entity_id=ana.entity_id, role=Role.VIEWER))
    await town.offer("bread", "wine")

    await morning(town)
    received = {message["To"]: text_of(message) for message in await sender.send()}

    assert set(received) == {ana.email, ben.email}
    assert f"For {ana.name}:" in received[ben.email]
    assert f"For {ben.name}:" in received[ben.email]
    assert f"For {ben.name}:" not in received[ana.email]


async def test_many_matches_are_counted(town: Town, sender: Sender, ana: Member) -> None:
    for _ in range(22):
        await town.offer("bread")

    await morning(town)
    (message,) = await sender.send()

    assert text_of(message).count("offers “bread”") == 20
    assert "And 2 more." in text_of(message)


async def test_match_that_was_told_is_not_told_again(
    town: Town, sender: Sender, ana: Member
) -> None:
    await town.offer("bread")
    await morning(town)
    await sender.send()
    second = await town.offer("bread")

    await morning(town)
    _, message = await sender.send()
    await morning(town)

    assert message["Subject"] == "New matches: 1"
    assert second.name in text_of(message)
    assert len(await sender.send()) == 2


async def test_match_that_was_taken_back_is_not_told(
    town: Town, sender: Sender, ana: Member
) -> None:
    baker = await town.offer("bread")
    await morning(town)
    await carry(town.database, baker, offers=["cheese"])

    assert await sender.send() == []
    assert await states(town.database) == ["dropped"]


@pytest.mark.parametrize("answer", ["550 5.1.1 No such user", "554 5.7.1 Refused"])
async def test_mail_that_failed_for_good_loses_nothing(
    town: Town, sender: Sender, ana: Member, answer: str
) -> None:
    baker = await town.offer("bread")
    sender.office.recipient_answers = [answer]
    await morning(town)
    await sender.send()
    assert await states(town.database) == ["failed"]
    sender.office.recipient_answers = ["250 OK"]

    await morning(town)
    (message,) = await sender.send()

    assert baker.name in text_of(message)


async def test_mail_that_has_not_left_yet_tells_of_later_matches_too(
    town: Town, sender: Sender, ana: Member
) -> None:
    await town.offer("bread")
    await morning(town)
    await town.offer("bread")

    await morning(town)

    (message,) = await sender.send()
    assert message["Subject"] == "New matches: 2"


async def test_kill_after_sending_costs_one_duplicate_and_no_more(
    town: Town, sender: Sender, ana: Member
) -> None:
    await town.offer("bread")
    await morning(town)
    settings = with_smtp(sender.settings, sender.office.port)
    with pytest.raises(Killed):
        await Mailer(settings, town.database, KilledAfterwards(settings)).send_due()
    await pass_time(town.database, outbox.LEASE)

    first, second = await sender.send()
    await morning(town)

    assert first["Message-ID"] == second["Message-ID"]
    assert len(await sender.send()) == 2


async def test_once_a_day_however_often_it_is_looked(
    town: Town, sender: Sender, ana: Member
) -> None:
    await town.offer("bread")
    await morning(town)
    await sender.send()
    await town.offer("bread")

    for _ in range(4):
        town.clock.move(QUARTER)
        await look(town)

    assert len(await digests(town.database)) == 1


async def test_five_days_of_silence_are_told_by_one_mail(
    town: Town, sender: Sender, ana: Member
) -> None:
    await sleep_until_morning(town)
    for _ in range(3):
        await town.offer("bread")
    town.clock.move(5 * DAY)

    await look(town)
    (message,) = await sender.send()

    assert message["Subject"] == "New matches: 3"


async def test_member_who_came_later_is_not_told_of_before(
    town: Town, sender: Sender, ana: Member
) -> None:
    await town.offer("bread")
    ben = await town.member()
    async with town.database.writing() as session:
        session.add(Membership(user_id=ben.user_id, entity_id=ana.entity_id, role=Role.VIEWER))

    await morning(town)

    assert [message["To"] for message in await sender.send()] == [ana.email]
