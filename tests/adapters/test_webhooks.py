"""Webhooks are called by real HTTP, whatever the receivers do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event
from standardwebhooks import Webhook as Verifier

from mccs_graphql.adapters import webhooks as calling
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    Entity,
    EntityStatus,
    Event,
    EventKind,
    Webhook,
    WebhookFault,
    WebhookPause,
)
from mccs_graphql.db.queries.webhooks import Busy
from mccs_graphql.domain.identity.sealing import Seal
from mccs_graphql.domain.webhooks import deliveries, signing
from mccs_graphql.domain.webhooks.deliveries import Errand, Outcome
from mccs_graphql.settings import Settings
from tests.factories import Member, make_member
from tests.receivers import (
    Behave,
    Receiver,
    answering,
    dripping,
    endless_head,
    hanging,
    receiver,
    redirecting,
    saying,
    ten_megabytes,
)
from tests.sending import update
from tests.webhooks import (
    SECRET,
    Worker,
    attempts_of,
    change,
    make_webhook,
    match,
    pass_time,
    propose,
    some_host,
    webhook_of,
)

DAY = timedelta(days=1)
PUBLIC, PRIVATE = "203.0.114.7", "10.0.0.7"


@pytest.fixture
async def worker(empty_settings: Settings, empty_database: Database) -> AsyncIterator[Worker]:
    made = Worker(empty_settings, empty_database)
    yield made
    await made.stop()


@pytest.fixture
async def good() -> AsyncIterator[Receiver]:
    """A receiver that takes everything."""
    async with receiver() as opened:
        yield opened


@pytest.fixture
async def ana(empty_database: Database) -> Member:
    return await make_member(empty_database)


@pytest.fixture
async def ben(empty_database: Database) -> Member:
    return await make_member(empty_database)


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """No call may take longer than this."""
    monkeypatch.setattr(calling, "CALL_SECONDS", 0.5)


class TestFaults:
    @pytest.mark.parametrize(
        ("behave", "status", "fault"),
        [
            (answering(500), 500, WebhookFault.STATUS),
            (answering(404), 404, WebhookFault.STATUS),
            (answering(304), 304, WebhookFault.REDIRECT),
            (hanging, None, WebhookFault.TIMEOUT),
            (dripping, None, WebhookFault.TIMEOUT),
            (endless_head, None, WebhookFault.NOT_HTTP),
            (saying(b"SSH-2.0-OpenSSH\r\n"), None, WebhookFault.NOT_HTTP),
            (saying(b""), None, WebhookFault.NOT_HTTP),
            (saying(b"HTTP/1.1 102 Processing\r\n\r\n" * 2000), None, WebhookFault.NOT_HTTP),
        ],
        ids=["500", "404", "304", "hangs", "drips", "endless", "ssh", "silent", "interim"],
    )
    @pytest.mark.usefixtures("patience")
    async def test_failed_call_is_kept_with_its_reason_and_comes_again(
        self,
        worker: Worker,
        ana: Member,
        ben: Member,
        behave: Behave,
        status: int | None,
        fault: WebhookFault,
    ) -> None:
        async with receiver(behave) as bad:
            webhook = await make_webhook(worker.database, ana, bad.url)
            await propose(worker.database, ana, ben)

            await worker.deliver()
            (attempt,) = await attempts_of(worker.database, webhook)
            bad.behave = answering(200)
            await pass_time(worker.database, DAY)
            await worker.deliver()

        assert (attempt.status, attempt.fault) == (status, fault)
        assert len(bad.ids) == 2
        assert len(set(bad.ids)) == 1
        assert (await webhook_of(worker.database, webhook)).failures == 0

    async def test_nobody_there(self, worker: Worker, ana: Member, ben: Member) -> None:
        async with receiver() as gone:
            pass
        webhook = await make_webhook(worker.database, ana, gone.url)
        await propose(worker.database, ana, ben)

        await worker.deliver()

        (attempt,) = await attempts_of(worker.database, webhook)
        assert attempt.fault is WebhookFault.UNREACHABLE

    async def test_redirect_is_not_followed(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        async with receiver(redirecting(good.url)) as bad:
            webhook = await make_webhook(worker.database, ana, bad.url)
            await propose(worker.database, ana, ben)

            await worker.deliver()

        (attempt,) = await attempts_of(worker.database, webhook)
        assert attempt.fault is WebhookFault.REDIRECT
        assert good.received == []

    async def test_ten_megabytes_are_not_read(
        self, worker: Worker, ana: Member, ben: Member
    ) -> None:
        async with receiver(ten_megabytes) as wordy:
            await make_webhook(worker.database, ana, wordy.url)
            await propose(worker.database, ana, ben, times=2)

            await worker.deliver()

        assert len(set(wordy.ids)) == 2

    async def test_secret_that_cannot_be_opened_is_its_owners_to_rotate(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        seal = Seal("another secret, 32 letters at least")
        webhook = await make_webhook(worker.database, ana, good.url, seal=seal)
        await propose(worker.database, ana, ben)

        await worker.deliver()

        (attempt,) = await attempts_of(worker.database, webhook)
        assert attempt.fault is WebhookFault.SECRET
        assert good.received == []


class TestAddresses:
    @pytest.mark.parametrize(
        "addresses",
        [[PRIVATE], [PUBLIC, PRIVATE], ["127.0.0.1"], ["::ffff:10.0.0.7"], []],
        ids="+".join,
    )
    async def test_host_with_an_address_that_is_not_public_is_not_called(
        self,
        empty_settings: Settings,
        empty_database: Database,
        ana: Member,
        ben: Member,
        good: Receiver,
        addresses: list[str],
    ) -> None:
        async def answer(_host: str, _port: int) -> Sequence[str]:
            return addresses

        worker = Worker(empty_settings, empty_database, look_up=answer)
        webhook = await make_webhook(empty_database, ana, f"http://inside.example:{good.port}/")
        await propose(empty_database, ana, ben)

        await worker.deliver()

        (attempt,) = await attempts_of(empty_database, webhook)
        assert attempt.fault is WebhookFault.ADDRESS
        assert good.received == []

    async def test_own_machine_is_called_only_where_that_is_allowed(
        self,
        empty_settings: Settings,
        empty_database: Database,
        ana: Member,
        ben: Member,
        good: Receiver,
    ) -> None:
        strict = empty_settings.model_copy(update={"webhook_private": False})
        webhook = await make_webhook(empty_database, ana, good.url)
        await propose(empty_database, ana, ben)

        await Worker(strict, empty_database).deliver()

        (attempt,) = await attempts_of(empty_database, webhook)
        assert attempt.fault is WebhookFault.ADDRESS

    async def test_name_is_asked_for_once_a_call_and_that_address_is_called(
        self,
        empty_settings: Settings,
        empty_database: Database,
        ana: Member,
        ben: Member,
        good: Receiver,
    ) -> None:
        """One that answers otherwise the second time gets nothing out of it."""
        asked: list[str] = []

        async def rebind(host: str, _port: int) -> Sequence[str]:
            asked.append(host)
            return ["127.0.0.1" if len(asked) == 1 else "169.254.169.254"]

        worker = Worker(empty_settings, empty_database, look_up=rebind)
        await make_webhook(empty_database, ana, f"http://localhost:{good.port}/hook")
        await propose(empty_database, ana, ben)

        await worker.deliver()

        assert asked == ["localhost"]
        assert [received.headers["host"] for received in good.received] == [
            f"localhost:{good.port}"
        ]


class TestNobodyElseIsHarmed:
    @pytest.mark.parametrize(
        "behave",
        [answering(500), hanging, dripping, ten_megabytes, endless_head],
        ids=["fails", "hangs", "drips", "10 MB", "endless"],
    )
    async def test_by_ten_receivers_of_one_entity(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver, behave: Behave
    ) -> None:
        async with receiver(behave) as bad:
            for _ in range(10):
                await make_webhook(worker.database, ana, bad.url, host=some_host())
            await make_webhook(worker.database, ben, good.url)
            await propose(worker.database, ana, ben, times=5)

            await worker.deliver_until(lambda: len(good.received) == 5)
            await worker.stop()

        assert good.ids == sorted(good.ids), "in order"
        assert bad.most_open <= calling.AT_ONCE_PER_ENTITY

    async def test_by_redirects_to_this_machine(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        async with receiver() as inside, receiver(redirecting(inside.url)) as bad:
            await make_webhook(worker.database, ana, bad.url)
            await make_webhook(worker.database, ben, good.url)
            await propose(worker.database, ana, ben, times=3)

            await worker.deliver()

        assert len(good.received) == 3
        assert inside.received == []

    async def test_by_a_host_that_hangs(self, worker: Worker, ben: Member, good: Receiver) -> None:
        async with receiver(hanging) as bad:
            for _ in range(10):
                member = await make_member(worker.database)
                await make_webhook(worker.database, member, bad.url, host="one.example")
                await propose(worker.database, member, ben)
            await make_webhook(worker.database, ben, good.url)

            await worker.deliver_until(lambda: len(good.received) == 10)
            await worker.stop()

        assert bad.most_open == calling.AT_ONCE_PER_HOST

    async def test_by_many_that_have_failed_before(
        self, worker: Worker, ben: Member, good: Receiver
    ) -> None:
        failing: dict[str, Any] = {"failures": 3, "failing_since": datetime.now(UTC)}
        async with receiver(hanging) as bad:
            for _ in range(10):
                member = await make_member(worker.database)
                host = some_host()
                await make_webhook(worker.database, member, bad.url, host=host, **failing)
                await propose(worker.database, member, ben)
            await make_webhook(worker.database, ben, good.url)

            await worker.deliver_until(lambda: len(good.received) == 10)
            await worker.stop()

        assert bad.most_open == calling.AT_ONCE_FAILING


class TestDelivery:
    async def test_message_says_what_happened_in_the_words_of_the_api(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        await make_webhook(worker.database, ben, f"{good.url}?key=1")
        await propose(worker.database, ana, ben)

        await worker.deliver()

        (received,) = good.received
        message, data = received.message, received.message["data"]
        assert received.path == "/hook?key=1"
        assert message["type"] == "transfer.proposed"
        assert data["entityId"] == ben.id
        assert data["occurredAt"] == message["timestamp"]
        transfer = data["transfer"]
        assert transfer["id"].startswith("tfr_")
        assert (transfer["amount"], transfer["state"]) == ("12.50", "INITIATED")
        assert transfer["payer"] == {"id": ana.id, "name": ana.name}
        assert (transfer["initiatorId"], transfer["receiverId"]) == (ana.id, ben.id)

    async def test_match_names_the_other_and_one_that_is_not_listed_is_left_out(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        eve = await make_member(worker.database)
        webhook = await make_webhook(worker.database, ana, good.url)
        await match(worker.database, ana, eve)
        await match(worker.database, ana, ben)
        await update(worker.database, Entity, eve.entity_id, status=EntityStatus.PENDING)

        await worker.deliver()

        (received,) = good.received
        assert received.message["type"] == "match.found"
        assert received.message["data"]["entity"] == {"id": ben.id, "name": ben.name}
        assert (await webhook_of(worker.database, webhook)).position == 2

    async def test_other_kinds_are_passed_over_and_cost_no_call(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        kind = EventKind.MATCH_FOUND
        webhook = await make_webhook(worker.database, ana, good.url, kind)
        await propose(worker.database, ana, ben, times=3)
        await match(worker.database, ana, ben)
        await propose(worker.database, ana, ben)

        await worker.deliver()

        assert [received.message["type"] for received in good.received] == ["match.found"]
        assert (await webhook_of(worker.database, webhook)).position == 5

    async def test_standard_webhooks_verifies_the_signature(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        await make_webhook(worker.database, ana, good.url)
        await propose(worker.database, ana, ben)

        await worker.deliver()

        (received,) = good.received
        verified = Verifier(signing.shown(SECRET)).verify(received.body, received.headers)
        assert verified == received.message

    async def test_both_secrets_sign_after_a_rotation_and_then_the_new_one_alone(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        webhook, new, now = await make_webhook(worker.database, ana, good.url), b"n" * 32, None
        async with worker.database.writing() as session:
            row, now = await session.get_one(Webhook, webhook), datetime.now(UTC)
            signing.replace_secret(row, new, Seal(""), at=now)
        await propose(worker.database, ana, ben)
        await worker.deliver()
        await pass_time(worker.database, DAY)
        await propose(worker.database, ana, ben)
        await worker.deliver()

        both, alone = good.received
        for secret in (SECRET, new):
            Verifier(signing.shown(secret)).verify(both.body, both.headers)
        Verifier(signing.shown(new)).verify(alone.body, alone.headers)
        assert len(alone.headers["webhook-signature"].split()) == 1

    async def test_what_was_forgotten_is_said_to_be(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        webhook = await make_webhook(worker.database, ana, good.url)
        await propose(worker.database, ana, ben, times=3)
        async with worker.database.writing() as session:
            await session.execute(delete(Event).where(Event.seq <= 2))

        await worker.deliver()

        (received,) = good.received
        assert received.message["type"] == "resync.required"
        assert (await webhook_of(worker.database, webhook)).position == 3

    async def test_nothing_due_costs_one_statement(
        self, worker: Worker, ana: Member, good: Receiver
    ) -> None:
        await make_webhook(worker.database, ana, good.url)
        await worker.deliver()
        seen: list[str] = []
        engines = (worker.database.reads.sync_engine, worker.database.writes.sync_engine)

        def see(_c: object, _k: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        for engine in engines:
            event.listen(engine, "before_cursor_execute", see)

        await worker.deliver()

        (statement,) = seen
        assert "events" not in statement


class TestOnce:
    async def test_workers_never_make_the_same_call(
        self, empty_settings: Settings, empty_database: Database, ben: Member, good: Receiver
    ) -> None:
        for _ in range(6):
            member = await make_member(empty_database)
            await make_webhook(empty_database, member, good.url, host=some_host())
            await propose(empty_database, member, ben, times=5)

        workers = [Worker(empty_settings, empty_database) for _ in range(3)]
        await asyncio.gather(*(worker.deliver() for worker in workers))
        for worker in workers:
            await worker.deliver()

        assert len(good.ids) == len(set(good.ids)) == 30

    async def test_kill_before_it_is_kept_repeats_the_same_id(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        await make_webhook(worker.database, ana, good.url)
        await propose(worker.database, ana, ben)
        errand = await taken(worker.database)
        await worker.deliver()
        assert good.received == [], "its lease still runs"

        await pass_time(worker.database, deliveries.LEASE)
        await worker.deliver()

        assert good.ids == [errand.message.id]

    async def test_worker_that_comes_back_too_late_changes_nothing(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        webhook = await make_webhook(worker.database, ana, good.url)
        await propose(worker.database, ana, ben)
        late = await taken(worker.database)
        await pass_time(worker.database, deliveries.LEASE)
        await worker.deliver()

        async with worker.database.writing() as session:
            assert not await deliveries.keep(session, late, Outcome(WebhookFault.TIMEOUT))

        assert (await webhook_of(worker.database, webhook)).failures == 0


class TestGivingUp:
    async def test_pauses_grow_up_to_a_bound(self) -> None:
        pauses = [deliveries.pause_after(failures) for failures in (1, 5, 9, 1000)]

        most = deliveries.PAUSE_MAX * (1 + deliveries.JITTER)
        assert pauses[0] < timedelta(minutes=2) < pauses[1] < pauses[2] <= most
        assert pauses[3] <= most

    async def test_gone_is_believed_at_once(self, worker: Worker, ana: Member, ben: Member) -> None:
        async with receiver(answering(410)) as gone:
            webhook = await make_webhook(worker.database, ana, gone.url)
            await propose(worker.database, ana, ben)

            await worker.deliver()
            await pass_time(worker.database, DAY)
            await worker.deliver()

        assert len(gone.received) == 1
        assert (await webhook_of(worker.database, webhook)).paused_for is WebhookPause.GONE

    async def test_five_days_of_failing_pause_it_and_nothing_is_lost(
        self, worker: Worker, ana: Member, ben: Member
    ) -> None:
        async with receiver(answering(503)) as bad:
            webhook = await make_webhook(worker.database, ana, bad.url)
            await propose(worker.database, ana, ben)
            for _ in range(8):
                await worker.deliver()
                await pass_time(worker.database, DAY)
            paused = await webhook_of(worker.database, webhook)
            calls, bad.behave = len(bad.received), answering(200)
            none = {"paused_at": None, "paused_for": None}
            await change(worker.database, webhook, **none)
            await worker.deliver()

        assert paused.paused_for is WebhookPause.FAILING
        assert (paused.position, calls) == (0, 6)
        assert (await webhook_of(worker.database, webhook)).position == 1

    async def test_only_the_latest_attempts_are_kept(
        self, worker: Worker, ana: Member, ben: Member, good: Receiver
    ) -> None:
        webhook = await make_webhook(worker.database, ana, good.url)
        await propose(worker.database, ana, ben, times=deliveries.ATTEMPTS_KEPT + 3)

        await worker.deliver()

        kept = [attempt.message_id for attempt in await attempts_of(worker.database, webhook)]
        assert kept == good.ids[3:]


async def taken(database: Database) -> Errand:
    """A call that a worker has set out to make."""
    async with database.writing() as session:
        found = await deliveries.take(session, Busy(), str)
    assert found
    return found
