"""Admins make, cancel and reverse transfers, openly and within the limits."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Event, EventKind, Mail, MailKind
from mccs_graphql.domain.ledger.books import check_books
from tests.clients import new_key
from tests.factories import MakeMember, Member
from tests.resolvers.community import set_status
from tests.stewardship import REASON, Administration
from tests.trading import Trading


async def told(database: Database, member: Member) -> tuple[list[EventKind], list[MailKind]]:
    """What a member's log says and which mails are due, oldest first."""
    async with database.reading() as session:
        kinds = await session.scalars(
            select(Event.kind).where(Event.entity_id == member.entity_id).order_by(Event.seq)
        )
        mails = await session.scalars(
            select(Mail.kind).where(Mail.receiver_id == member.entity_id).order_by(Mail.id)
        )
        return list(kinds), list(mails)


async def books_balance(database: Database) -> None:
    """Nothing that `check-books` would complain about."""
    async with database.snapshot() as session:
        assert (await check_books(session, progress=lambda _: None)).differences == ()


class TestMaking:
    @pytest.mark.parametrize(
        ("wishes", "problem"),
        [
            ({"amount": "0.00"}, (["amount"], "NOT_POSITIVE")),
            ({"reason": ""}, (["reason"], "TOO_SHORT")),
            ({"description": "x" * 501}, (["description"], "TOO_LONG")),
        ],
        ids=["no amount", "no reason", "long description"],
    )
    async def test_what_has_no_valid_form_is_refused(
        self,
        administration: Administration,
        make: MakeMember,
        wishes: dict[str, str],
        problem: tuple[list[str], str],
    ) -> None:
        result = await administration.pay(await make(), await make(), **wishes)

        assert [(found["path"], found["code"]) for found in result["problems"]] == [problem]

    async def test_one_entity_on_both_sides_is_refused(
        self, administration: Administration, make: MakeMember
    ) -> None:
        ana = await make()

        result = await administration.pay(ana, ana)

        assert result["problems"] == [{"path": ["payeeId"], "code": "SAME_AS_PAYER"}]

    @pytest.mark.parametrize("side", ["payer", "payee"])
    async def test_side_that_is_not_there_is_refused(
        self, administration: Administration, make: MakeMember, side: str
    ) -> None:
        unknown: dict[str, object] = {f"{side}Id": "ent_x"}

        result = await administration.pay(await make(), await make(), **unknown)

        assert (result["code"], result["path"]) == (f"{side.upper()}_NOT_FOUND", [f"{side}Id"])

    @pytest.mark.parametrize("side", ["PAYER", "PAYEE"])
    async def test_side_that_does_not_trade_is_refused(
        self, administration: Administration, make: MakeMember, database: Database, side: str
    ) -> None:
        ana, ben = await make(), await make()
        await set_status(database, ana if side == "PAYER" else ben, "ACCEPTED")

        result = await administration.pay(ana, ben)

        assert (result["code"], result["status"]) == (f"{side}_NOT_TRADING", "ACCEPTED")

    async def test_limits_hold(self, administration: Administration, make: MakeMember) -> None:
        ana, ben = await make(floor="5.00"), await make(ceiling="4.00")

        floor = await administration.pay(ana, ben, "5.01")
        ceiling = await administration.pay(ana, ben, "4.01")

        assert (floor["code"], floor["most"]) == ("PAYER_LIMIT_EXCEEDED", "5.00")
        assert (ceiling["code"], ceiling["most"]) == ("PAYEE_LIMIT_EXCEEDED", "4.00")

    async def test_completes_at_once_and_names_the_admin(
        self, administration: Administration, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make()

        result = await administration.pay(ana, ben, description="Flour")

        transfer = result["transfer"]
        assert (transfer["state"], transfer["adminReason"]) == ("COMPLETED", REASON)
        assert transfer["admin"]
        assert transfer["initiator"] is None
        (step,) = transfer["history"]
        assert step == {
            "state": "COMPLETED",
            "asAdmin": True,
            "reason": REASON,
            "by": {"id": transfer["admin"]["id"]},
        }
        assert (await trading.balance(ana), await trading.balance(ben)) == ("-10.00", "10.00")

    async def test_both_sides_are_told(
        self, administration: Administration, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()

        id_ = (await administration.pay(ana, ben))["transfer"]["id"]

        for member in (ana, ben):
            assert await told(database, member) == (
                [EventKind.TRANSFER_COMPLETED],
                [MailKind.TRANSFER_BY_ADMIN],
            )
            seen = await administration.look(id_, by=member)
            assert (seen["admin"]["id"].startswith("usr_"), seen["adminReason"]) == (True, REASON)

    async def test_same_key_pays_once(
        self, administration: Administration, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben, key = await make(), await make(), new_key()

        results = await asyncio.gather(
            *(administration.pay(ana, ben, idempotencyKey=key) for _ in range(4))
        )
        other = await administration.pay(ana, ben, "11.00", idempotencyKey=key)

        assert len({result["transfer"]["id"] for result in results}) == 1
        assert await trading.balance(ana) == "-10.00"
        assert other["code"] == "IDEMPOTENCY_KEY_REUSED"

    async def test_many_at_once_pass_no_limit(
        self,
        administration: Administration,
        make: MakeMember,
        trading: Trading,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        pairs = [(ana, ben), (ben, ana)]

        results = await asyncio.gather(
            *(administration.pay(*pairs[turn % 2], "60.00") for turn in range(10))
        )

        codes = {result.get("code") for result in results}
        assert codes <= {None, "PAYER_LIMIT_EXCEEDED", "PAYEE_LIMIT_EXCEEDED"}
        assert await trading.balance(ana) in ("-60.00", "0.00", "60.00")
        await books_balance(database)


class TestCancelling:
    async def test_unknown_transfer_is_refused(self, administration: Administration) -> None:
        assert (await administration.cancel("tfr_x"))["code"] == "TRANSFER_NOT_FOUND"

    async def test_decided_transfer_is_refused(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        id_ = await trading.pay(await make(), await make(), "1.00")

        result = await administration.cancel(id_)

        assert (result["code"], result["state"]) == ("TRANSFER_ALREADY_DECIDED", "COMPLETED")

    async def test_other_reason_for_what_is_cancelled_is_refused(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        id_ = await trading.proposed(await make(), await make())
        await administration.cancel(id_)

        again = await administration.cancel(id_)
        other = await administration.cancel(id_, reason="Something else.")

        assert again["__typename"] == "TransferPayload"
        assert (other["code"], other["cancelledBy"]) == ("TRANSFER_ALREADY_DECIDED", "ADMIN")

    async def test_both_sides_are_told_by_whom_and_why(
        self,
        administration: Administration,
        trading: Trading,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)

        result = await administration.cancel(id_)

        transfer = result["transfer"]
        assert (transfer["cancelledBy"], transfer["cancellationReason"]) == ("ADMIN", REASON)
        assert [step["asAdmin"] for step in transfer["history"]] == [False, True]
        assert transfer["admin"] == (await administration.look(id_, by=ben))["admin"]
        for member in (ana, ben):
            kinds, mails = await told(database, member)
            assert kinds[-1] is EventKind.TRANSFER_CANCELLED
            assert mails == [MailKind.TRANSFER_CANCELLED_BY_ADMIN]

    async def test_of_an_acceptance_at_the_same_moment_one_wins(
        self,
        administration: Administration,
        trading: Trading,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)

        results = await asyncio.gather(administration.cancel(id_), trading.accept(ben, id_))

        won = [result for result in results if result["__typename"] == "TransferPayload"]
        assert len(won) == 1
        moved = won[0]["transfer"]["state"] == "COMPLETED"
        assert await trading.balance(ben) == ("10.00" if moved else "0.00")
        await books_balance(database)


class TestReversing:
    async def test_unknown_transfer_is_refused(self, administration: Administration) -> None:
        assert (await administration.reverse("tfr_x"))["code"] == "TRANSFER_NOT_FOUND"

    async def test_open_transfer_is_refused(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        result = await administration.reverse(await trading.proposed(await make(), await make()))

        assert (result["code"], result["state"]) == ("TRANSFER_NOT_COMPLETED", "INITIATED")

    async def test_limits_hold(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben, eve = await make(), await make(floor="0.00"), await make()
        id_ = await trading.pay(ana, ben, "10.00")
        await trading.pay(ben, eve, "4.00")

        result = await administration.reverse(id_)

        assert (result["code"], result["most"]) == ("PAYER_LIMIT_EXCEEDED", "6.00")

    async def test_links_both_ways_and_tells_both_sides(
        self,
        administration: Administration,
        trading: Trading,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.pay(ana, ben, "10.00")

        reversal = (await administration.reverse(id_))["transfer"]

        assert reversal["reverses"] == {"id": id_}
        assert (reversal["payer"], reversal["amount"]) == ({"id": ben.id}, "10.00")
        for member in (ana, ben):
            seen = await administration.look(id_, by=member)
            assert seen["reversedBy"] == {"id": reversal["id"]}
            assert await trading.balance(member) == "0.00"
            kinds, mails = await told(database, member)
            assert kinds[-2:] == [EventKind.TRANSFER_COMPLETED] * 2
            assert mails == [MailKind.TRANSFER_BY_ADMIN]

    async def test_side_that_does_not_trade_any_more_gets_it_back(
        self,
        administration: Administration,
        trading: Trading,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.pay(ana, ben, "10.00")
        await set_status(database, ana, "TRADING_REJECTED")

        assert (await administration.reverse(id_))["__typename"] == "TransferPayload"

    async def test_reversal_is_not_reversed(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        id_ = await trading.pay(await make(), await make(), "10.00")
        reversal = (await administration.reverse(id_))["transfer"]["id"]

        assert (await administration.reverse(reversal))["code"] == "TRANSFER_IS_REVERSAL"

    async def test_of_many_at_once_one_reverses(
        self,
        administration: Administration,
        trading: Trading,
        make: MakeMember,
        database: Database,
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.pay(ana, ben, "10.00")

        results = await asyncio.gather(*(administration.reverse(id_) for _ in range(6)))

        (won,) = [result for result in results if result["__typename"] == "TransferPayload"]
        others = [result for result in results if result is not won]
        assert {(each["code"], each["transferId"]) for each in others} == {
            ("TRANSFER_ALREADY_REVERSED", won["transfer"]["id"])
        }
        assert await trading.balance(ana) == "0.00"
        await books_balance(database)

    async def test_same_key_gets_the_same_reversal(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        id_, key = await trading.pay(await make(), await make(), "10.00"), new_key()

        first = await administration.reverse(id_, idempotencyKey=key)
        again = await administration.reverse(id_, idempotencyKey=key)

        assert first["transfer"]["id"] == again["transfer"]["id"]


class TestLookingAtOne:
    async def seen(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> tuple[Member, Member, str]:
        ana, ben = await make(), await make()
        return ana, ben, await trading.pay(ana, ben, "10.00")

    async def test_member_sees_both_lines_and_the_own_balance(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben, id_ = await self.seen(administration, trading, make)

        found = await administration.look(id_, by=ana)

        assert lines(found) == [
            (ana.id, "-10.00", "-10.00", 1),
            (ben.id, "10.00", None, None),
        ]
        assert found["history"] is None

    async def test_admin_sees_both_balances_and_who_did_what(
        self, administration: Administration, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben, id_ = await self.seen(administration, trading, make)

        found = await administration.look(id_)

        assert lines(found) == [(ana.id, "-10.00", "-10.00", 1), (ben.id, "10.00", "10.00", 1)]
        assert [step["state"] for step in found["history"]] == ["INITIATED", "COMPLETED"]
        assert all(step["by"]["id"].startswith("usr_") for step in found["history"])


def lines(transfer: dict[str, Any]) -> list[tuple[str, str, str | None, int | None]]:
    """The postings: whose, how much, the balance after it and its number."""
    return [
        (line["entity"]["id"], line["amount"], line["balanceAfter"], line["number"])
        for line in transfer["postings"]
    ]
