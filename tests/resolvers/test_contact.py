"""First contact: who may write to whom, how often, and what is kept of it."""

import asyncio
import re
from collections import Counter
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select, update

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import (
    ContactMessage,
    Entity,
    EntityStatus,
    Mail,
    MailKind,
    Membership,
)
from mccs_graphql.db.models.entity import LISTED
from mccs_graphql.domain.directory.messages import MESSAGES_MAX, MESSAGES_TO_ONE_MAX, PERIOD
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient, new_key
from tests.contacts import CONTACT, Contacts
from tests.factories import MakeMember, Member

UNLISTED = [status for status in EntityStatus if status not in LISTED]
TWENTY = 20
PAGE = (Path(__file__).parents[2] / "docs" / "contact.md").read_text()
TAKEN = "ContactEntityPayload"
SENDING = 12
"""Who asks; the own entity and the user, locked; the other; the key; what was sent lately; the
message; its mail; the members, what they want and their notices; the trail."""


@pytest.fixture
def contacts(graphql: GraphQLClient) -> Contacts:
    return Contacts(graphql)


async def kept_from(database: Database, sender: Member) -> tuple[list[ContactMessage], list[Mail]]:
    """The messages an entity has written, and the mails that came of them, oldest first."""
    async with database.reading() as session:
        messages = await session.scalars(
            select(ContactMessage)
            .where(ContactMessage.sender_id == sender.entity_id)
            .order_by(ContactMessage.created_at)
        )
        kept = list(messages)
        ids = [str(message.id) for message in kept]
        mails = await session.scalars(
            select(Mail).where(Mail.facts["message_id"].astext.in_(ids)).order_by(Mail.created_at)
        )
        return kept, list(mails)


async def mails_to(database: Database, receiver: Member) -> int:
    async with database.reading() as session:
        statement = select(func.count()).where(Mail.receiver_id == receiver.entity_id)
        return await session.scalar(statement) or 0


async def join(database: Database, user: Member, entity: Member) -> None:
    """Let a user act for one more entity."""
    async with database.writing() as session:
        session.add(Membership(user_id=user.user_id, entity_id=entity.entity_id))


async def put(database: Database, member: Member, **values: Any) -> None:
    async with database.writing() as session:
        await session.execute(update(Entity).where(Entity.id == member.entity_id).values(**values))


async def age(database: Database, sender: Member, by: timedelta) -> None:
    """Let the messages of an entity have been written that much earlier."""
    async with database.writing() as session:
        await session.execute(
            update(ContactMessage)
            .where(ContactMessage.sender_id == sender.entity_id)
            .values(created_at=ContactMessage.created_at - by)
        )


class TestRefusals:
    async def test_visitor_is_sent_to_log_in(self, graphql: GraphQLClient) -> None:
        input_ = {
            "actingFor": "ent_x",
            "entityId": "ent_y",
            "message": "Hello",
            "idempotencyKey": new_key(),
        }

        assert await graphql.code(CONTACT, input=input_) == "UNAUTHENTICATED"

    async def test_nobody_writes_for_an_entity_of_others(
        self, graphql: GraphQLClient, make: MakeMember, database: Database
    ) -> None:
        ana, ben, cem = [await make() for _ in range(3)]
        for id_ in (ben.id, "", "x", encode_id(IdPrefix.ENTITY, uuid4())):
            input_ = {
                "actingFor": id_,
                "entityId": cem.id,
                "message": "Hello",
                "idempotencyKey": new_key(),
            }
            assert await graphql.code(CONTACT, by=ana, input=input_) == "FORBIDDEN"
        assert await mails_to(database, cem) == 0

    @pytest.mark.parametrize(
        ("message", "code"),
        [
            *(("", "TOO_SHORT"), (" \n\t\u2003", "TOO_SHORT"), ("x" * 2_001, "TOO_LONG")),
            *(("\U0001f33e" * 2_001, "TOO_LONG"), ("a\0b", "BAD_CHARACTER")),
        ],
        ids=["empty", "white", "long", "long, of four bytes", "NUL"],
    )
    async def test_message_that_cannot_be_sent_is_refused(
        self, contacts: Contacts, make: MakeMember, database: Database, message: str, code: str
    ) -> None:
        ana, ben = await make(), await make()

        result = await contacts.write(ana, ben, message)

        assert result["problems"] == [{"path": ["message"], "code": code}]
        assert await mails_to(database, ben) == 0

    async def test_entity_does_not_write_to_itself(
        self, contacts: Contacts, make: MakeMember
    ) -> None:
        ana = await make()

        assert (await contacts.write(ana, ana))["code"] == "MESSAGE_TO_ITSELF"

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_entity_that_is_not_listed_does_not_write(
        self, contacts: Contacts, make: MakeMember, database: Database, status: EntityStatus
    ) -> None:
        ana, ben = await make(status=status), await make()

        result = await contacts.write(ana, ben)

        assert (result["code"], result["status"]) == ("ENTITY_NOT_LISTED", status.name)
        assert await mails_to(database, ben) == 0

    @pytest.mark.parametrize("status", UNLISTED)
    async def test_entity_that_is_not_listed_is_not_found_like_one_that_is_not_there(
        self, contacts: Contacts, make: MakeMember, database: Database, status: EntityStatus
    ) -> None:
        ana, hidden = await make(), await make(status=status)

        result = await contacts.write(ana, hidden)

        assert (result["code"], result["path"]) == ("ENTITY_NOT_FOUND", ["entityId"])
        for id_ in (encode_id(IdPrefix.ENTITY, uuid4()), "", "x", "a\0b"):
            assert await contacts.write(ana, id_) == result
        assert await kept_from(database, ana) == ([], [])

    async def test_entity_without_an_address_is_not_reachable(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        await put(database, ben, email="")

        result = await contacts.write(ana, ben)

        assert result["code"] == "ENTITY_NOT_REACHABLE"
        assert await kept_from(database, ana) == ([], [])

    async def test_first_of_several_reasons_is_given(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, hidden = await make(), await make(), await make(status=EntityStatus.PENDING)
        key = new_key()
        for number in range(MESSAGES_TO_ONE_MAX):
            await contacts.written(ana, ben, key=key if number == 0 else None)

        in_order = [await contacts.write(ana, ana, "", key=key)]
        in_order.append(await contacts.write(ana, ana, key=key))
        await put(database, ana, status=EntityStatus.REJECTED)
        in_order.append(await contacts.write(ana, hidden, key=key))
        in_order.append(await contacts.write(ana, hidden))
        await put(database, ana, status=EntityStatus.ACCEPTED)
        await put(database, ben, email="")
        in_order += [await contacts.write(ana, hidden), await contacts.write(ana, ben)]
        await put(database, ben, email=ben.email)
        in_order.append(await contacts.write(ana, ben))

        published = re.findall(r"^\| `([A-Z_]+)`", PAGE.split("first of these")[1], re.MULTILINE)
        assert [result["code"] for result in in_order] == published

    async def test_refused_message_leaves_its_key_free(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, key = await make(), await make(status=EntityStatus.PENDING), new_key()
        refused = await contacts.write(ana, ben, key=key)
        await put(database, ben, status=EntityStatus.ACCEPTED)

        again = await contacts.write(ana, ben, key=key)

        assert (refused["code"], again["__typename"]) == ("ENTITY_NOT_FOUND", TAKEN)


class TestSending:
    @pytest.mark.parametrize("status", LISTED)
    async def test_message_and_its_mail_are_kept_together(
        self, contacts: Contacts, make: MakeMember, database: Database, status: EntityStatus
    ) -> None:
        ana, ben = await make(), await make(status=status)

        result = await contacts.written(ana, ben, message="\n Do you bake? \t")

        assert result["entity"]["id"] == ben.id
        (message,), (mail,) = await kept_from(database, ana)
        assert message.created_at == datetime.fromisoformat(result["sentAt"])
        assert (message.sender_id, message.user_id) == (ana.entity_id, ana.user_id)
        assert (message.receiver_id, message.body) == (ben.entity_id, "Do you bake?")
        assert (mail.kind, mail.receiver_id) == (MailKind.CONTACT, ben.entity_id)
        assert (mail.sent_at, mail.attempts) == (None, 0)
        assert mail.next_attempt_at == mail.created_at == message.created_at

    async def test_no_address_is_shown_nor_kept_with_the_mail(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        accepted = EntityStatus.ACCEPTED
        ana, ben = await make(status=accepted), await make(status=accepted)

        result = await contacts.written(ana, ben)

        _, (mail,) = await kept_from(database, ana)
        assert result["entity"]["email"] is None
        for address in (ana.email, ben.email):
            assert address not in str(result)
            assert address not in str(mail.facts)

    @pytest.mark.parametrize(
        "body", ["x", "x" * 2_000, "\U0001f33e" * 2_000, "e\u0301\n'\"\\<b>%s"]
    )
    async def test_any_other_text_is_kept_as_it_is(
        self, contacts: Contacts, make: MakeMember, database: Database, body: str
    ) -> None:
        ana, ben = await make(), await make()

        await contacts.written(ana, ben, message=body)

        (message,), _ = await kept_from(database, ana)
        assert message.body == body

    async def test_message_costs_a_small_constant_and_a_refused_one_only_its_trace(
        self,
        contacts: Contacts,
        make: MakeMember,
        counting: AbstractContextManager[list[str]],
    ) -> None:
        ana, ben = await make(), await make()
        for _ in range(MESSAGES_TO_ONE_MAX - 1):
            await contacts.written(ana, ben)

        with counting as statements:
            await contacts.written(ana, ben)
            sending = len(statements)
            await contacts.write(ana, ben)

        assert (sending, len(statements) - sending) == (SENDING, SENDING - 5), statements


class TestKey:
    async def test_key_of_another_message_is_refused_with_its_time(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, shop, ben, cem = [await make() for _ in range(4)]
        await join(database, ana, shop)
        key = new_key()
        first = await contacts.written(ana, ben, message="Hello", key=key)

        for other in (
            await contacts.write(ana, ben, "Hello!", key=key),
            await contacts.write(ana, cem, "Hello", key=key),
            await contacts.write(ana, ben, "Hello", key=key, acting_for=shop),
        ):
            assert (other["code"], other["sentAt"]) == ("MESSAGE_KEY_REUSED", first["sentAt"])
        assert len((await kept_from(database, ana))[1]) == 1

    async def test_same_key_twenty_times_at_once_sends_one_mail(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, key = await make(), await make(), new_key()

        results = await asyncio.gather(
            *(contacts.write(ana, ben, "Hello", key=key) for _ in range(TWENTY))
        )

        assert all(result == results[0] for result in results)
        assert results[0]["__typename"] == TAKEN
        assert await mails_to(database, ben) == 1

    async def test_white_space_around_it_makes_no_other_message(
        self, contacts: Contacts, make: MakeMember
    ) -> None:
        ana, ben, key = await make(), await make(), new_key()

        first = await contacts.written(ana, ben, message="Hello", key=key)

        assert await contacts.write(ana, ben, " Hello\n", key=key) == first

    async def test_keys_of_two_users_do_not_meet(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, cem, key = await make(), await make(), await make(), new_key()

        await contacts.written(ana, cem, key=key)
        await contacts.written(ben, cem, message="Another", key=key)

        assert await mails_to(database, cem) == 2

    async def test_message_sent_again_past_the_limit_gets_its_first_answer(
        self, contacts: Contacts, make: MakeMember
    ) -> None:
        ana, ben, key = await make(), await make(), new_key()
        first = await contacts.written(ana, ben, key=key)
        for _ in range(MESSAGES_TO_ONE_MAX - 1):
            await contacts.written(ana, ben)

        assert (await contacts.write(ana, ben))["code"] == "CONTACT_LIMIT_REACHED"
        assert await contacts.write(ana, ben, key=key) == first

    async def test_message_sent_again_does_not_show_who_is_not_listed_any_more(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, key = await make(), await make(), new_key()
        first = await contacts.written(ana, ben, key=key)
        await put(database, ben, status=EntityStatus.REJECTED)

        assert await contacts.write(ana, ben, key=key) == first | {"entity": None}


class TestLimits:
    async def test_an_entity_gets_three_messages_a_day_from_another(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, cem = [await make() for _ in range(3)]
        first, *_ = [await contacts.written(ana, ben) for _ in range(MESSAGES_TO_ONE_MAX)]

        result = await contacts.write(ana, ben)

        assert (result["code"], result["most"]) == ("CONTACT_LIMIT_REACHED", MESSAGES_TO_ONE_MAX)
        again_at = datetime.fromisoformat(result["againAt"])
        assert again_at == datetime.fromisoformat(first["sentAt"]) + PERIOD
        assert await mails_to(database, ben) == MESSAGES_TO_ONE_MAX
        await contacts.written(ana, cem)
        await contacts.written(cem, ben)

    async def test_limit_ends_after_a_day(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        for _ in range(MESSAGES_TO_ONE_MAX):
            await contacts.written(ana, ben)

        await age(database, ana, PERIOD - timedelta(minutes=1))
        early = await contacts.write(ana, ben)
        await age(database, ana, timedelta(minutes=1))

        assert early["code"] == "CONTACT_LIMIT_REACHED"
        await contacts.written(ana, ben)

    async def test_one_more_may_go_out_when_the_longest_of_the_limits_says_so(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, others = await make(), [await make() for _ in range(4)]
        for place in range(MESSAGES_MAX - MESSAGES_TO_ONE_MAX):
            await contacts.written(ana, others[1 + place % 3])
        await age(database, ana, timedelta(hours=5))
        later = [await contacts.written(ana, others[0]) for _ in range(MESSAGES_TO_ONE_MAX)]

        both = await contacts.write(ana, others[0])
        one = await contacts.write(ana, others[1])

        assert (both["most"], one["most"]) == (MESSAGES_TO_ONE_MAX, MESSAGES_MAX)
        assert datetime.fromisoformat(both["againAt"]) == (
            datetime.fromisoformat(later[0]["sentAt"]) + PERIOD
        )
        assert one["againAt"] < both["againAt"]

    async def test_users_of_one_entity_share_its_limit(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben, others = await make(), await make(), [await make() for _ in range(5)]
        await join(database, ben, ana)

        results = await asyncio.gather(
            *(
                contacts.write(by, others[number % 5], acting_for=ana)
                for number in range(TWENTY // 2)
                for by in (ana, ben)
            )
        )

        assert taken(results) == MESSAGES_MAX
        messages, mails = await kept_from(database, ana)
        assert len(messages) == len(mails) == MESSAGES_MAX

    async def test_entities_of_one_user_share_the_users_limit(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, others = await make(), [await make() for _ in range(5)]
        shops = [await make() for _ in range(TWENTY)]
        for shop in shops:
            await join(database, ana, shop)
        for ben in others:
            await contacts.written(ana, ben)

        results = await asyncio.gather(
            *(
                contacts.write(ana, others[number % 5], acting_for=shop)
                for number, shop in enumerate(shops)
            )
        )

        assert len(others) + taken(results) == MESSAGES_MAX
        await contacts.written(shops[0], others[0])

    async def test_twenty_at_once_to_one_entity_let_three_through(
        self, contacts: Contacts, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()

        results = await asyncio.gather(*(contacts.write(ana, ben) for _ in range(TWENTY)))

        assert taken(results) == MESSAGES_TO_ONE_MAX
        assert await mails_to(database, ben) == MESSAGES_TO_ONE_MAX

    async def test_entities_that_write_to_each_other_at_once_do_not_wait_in_a_circle(
        self, contacts: Contacts, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()

        results = await asyncio.gather(
            *(contacts.write(*pair) for _ in range(10) for pair in ((ana, ben), (ben, ana)))
        )

        assert taken(results) == 2 * MESSAGES_TO_ONE_MAX


def taken(results: list[dict[str, Any]]) -> int:
    """How many messages were taken; all others must have met the limit."""
    counted = Counter(result["__typename"] for result in results)
    assert set(counted) <= {TAKEN, "ContactLimitReached"}, results
    return counted[TAKEN]
