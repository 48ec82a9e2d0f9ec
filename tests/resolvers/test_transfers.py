"""Proposing and deciding over the API."""

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Entity, EntityStatus, Membership
from tests.clients import GraphQLClient
from tests.documents import ACCEPT, PROPOSE
from tests.factories import MakeMember, Member
from tests.trading import Trading


async def test_visitor_is_sent_to_log_in(graphql: GraphQLClient) -> None:
    input_ = {"transferId": "tfr_x", "idempotencyKey": "00000000-0000-4000-8000-000000000000"}

    assert await graphql.code(ACCEPT, input=input_) == "UNAUTHENTICATED"


async def test_nobody_proposes_for_an_entity_of_others(
    graphql: GraphQLClient, make: MakeMember
) -> None:
    ana, ben = await make(), await make()
    input_ = {
        "initiatorId": ben.id,
        "receiver": {"id": ana.id},
        "direction": "IN",
        "amount": "1.00",
        "idempotencyKey": "00000000-0000-4000-8000-000000000000",
    }

    assert await graphql.code(PROPOSE, by=ana, input=input_) == "FORBIDDEN"


async def test_payer_past_floor_is_refused(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(floor="5.00"), await make()

    result = await trading.propose(ana, ben, "5.01")

    assert (result["code"], result["most"]) == ("CREDIT_LIMIT_EXCEEDED", "5.00")
    assert await trading.balance(ana) == "0.00"


async def test_payee_past_ceiling_is_refused(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(ceiling="5.00"), await make()

    result = await trading.propose(ana, ben, "5.01", direction="IN")

    assert (result["code"], result["most"]) == ("BALANCE_CEILING_EXCEEDED", "5.00")


@pytest.mark.parametrize(
    ("limits", "direction"), [({"ceiling": "5.00"}, "OUT"), ({"floor": "5.00"}, "IN")]
)
async def test_refusal_tells_nothing_of_the_other_side_but_that_it_is_at_a_limit(
    trading: Trading, make: MakeMember, limits: dict[str, str], direction: str
) -> None:
    ana, ben = await make(), await make(**limits)

    result = await trading.propose(ana, ben, "6.00", direction=direction)

    assert result == {
        "__typename": "CounterpartyLimitExceeded",
        "code": "COUNTERPARTY_LIMIT_EXCEEDED",
        "message": "The other entity's balance would pass one of its limits.",
        "path": ["amount"],
    }


async def test_transfer_exactly_to_the_limit_goes_through(
    trading: Trading, make: MakeMember
) -> None:
    """The original's floats refused 16.01 down from 6.01 to -10."""
    ana, ben = await make(floor="10.00"), await make()
    await trading.pay(ben, ana, "6.01")

    await trading.pay(ana, ben, "16.01")

    assert await trading.balance(ana) == "-10.00"


async def test_receiver_may_be_named_by_account_number(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(), await make()

    result = await trading.propose(ana, {"accountNumber": ben.account_number}, "3")

    assert result["transfer"]["amount"] == "3.00"


async def test_pulled_transfer_moves_the_other_way(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(), await make()

    id_ = await trading.proposed(ana, ben, "4.00", direction="IN")
    await trading.accept(ben, id_)

    assert (await trading.balance(ana), await trading.balance(ben)) == ("4.00", "-4.00")


async def test_accepted_transfer_moves_both_balances(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(), await make()

    await trading.pay(ana, ben, "12.34")

    assert (await trading.balance(ana), await trading.balance(ben)) == ("-12.34", "12.34")


@pytest.mark.parametrize("status", [s for s in EntityStatus if s != "tradingAccepted"])
async def test_only_accepted_traders_propose(
    trading: Trading, make: MakeMember, status: EntityStatus
) -> None:
    ana, ben = await make(status=status), await make()

    result = await trading.propose(ana, ben)

    assert (result["code"], result["status"]) == ("ENTITY_NOT_TRADING", status.name)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (EntityStatus.PENDING, "RECEIVER_NOT_FOUND"),
        (EntityStatus.REJECTED, "RECEIVER_NOT_FOUND"),
        (EntityStatus.ACCEPTED, "COUNTERPARTY_NOT_TRADING"),
        (EntityStatus.TRADING_PENDING, "COUNTERPARTY_NOT_TRADING"),
        (EntityStatus.TRADING_REJECTED, "COUNTERPARTY_NOT_TRADING"),
    ],
)
async def test_only_accepted_traders_are_proposed_to(
    trading: Trading, make: MakeMember, status: EntityStatus, code: str
) -> None:
    ana, ben = await make(), await make(status=status)

    assert (await trading.propose(ana, ben))["code"] == code


@pytest.mark.parametrize(
    ("suspended", "code"), [("ben", "ENTITY_NOT_TRADING"), ("ana", "COUNTERPARTY_NOT_TRADING")]
)
async def test_status_is_checked_again_at_the_acceptance(
    trading: Trading, make: MakeMember, database: Database, suspended: str, code: str
) -> None:
    ana, ben = await make(), await make()
    id_ = await trading.proposed(ana, ben)
    await set_status(database, {"ana": ana, "ben": ben}[suspended], EntityStatus.TRADING_REJECTED)

    assert (await trading.accept(ben, id_))["code"] == code
    assert await trading.balance(ben) == "0.00"


async def test_suspended_side_may_still_reject_and_cancel(
    trading: Trading, make: MakeMember, database: Database
) -> None:
    ana, ben = await make(), await make()
    first, second = await trading.proposed(ana, ben), await trading.proposed(ana, ben)
    await set_status(database, ana, EntityStatus.TRADING_REJECTED)

    rejected = await trading.reject(ben, first)
    cancelled = await trading.cancel(ana, second)

    assert rejected["transfer"]["cancelledBy"] == "RECEIVER"
    assert cancelled["transfer"]["cancelledBy"] == "INITIATOR"


async def test_limit_that_breaks_at_the_acceptance_cancels_the_transfer(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(floor="10.00"), await make()
    first, second = await trading.proposed(ana, ben, "8.00"), await trading.proposed(ana, ben, "8")
    await trading.accept(ben, first)

    result = await trading.accept(ben, second)

    assert (result["code"], result["reason"]) == (
        "TRANSFER_CANCELLED_BY_SYSTEM",
        "PAYER_CREDIT_LIMIT",
    )
    assert result["transfer"]["state"] == "CANCELLED"
    assert await trading.balance(ana) == "-8.00"


async def test_repeated_acceptance_of_what_the_system_cancelled_gets_the_same_answer(
    trading: Trading, make: MakeMember
) -> None:
    ana, ben = await make(), await make(ceiling="10.00")
    first, second = await trading.proposed(ana, ben, "8.00"), await trading.proposed(ana, ben, "8")
    await trading.accept(ben, first)
    refused = await trading.accept(ben, second)

    assert refused["reason"] == "PAYEE_BALANCE_CEILING"
    assert await trading.accept(ben, second) == refused


async def test_reason_is_kept_with_the_cancellation(trading: Trading, make: MakeMember) -> None:
    ana, ben = await make(), await make()
    id_ = await trading.proposed(ana, ben)

    result = await trading.reject(ben, id_, reason="Wrong amount, sorry")

    assert result["transfer"]["cancellationReason"] == "Wrong amount, sorry"


async def test_reject_and_cancel_look_at_no_limit(trading: Trading, make: MakeMember) -> None:
    """The original checked limits here too, and turned a rejection into a system's cancellation."""
    ana, ben = await make(floor="10.00"), await make()
    first, second = await trading.proposed(ana, ben, "8.00"), await trading.proposed(ana, ben, "8")
    await trading.accept(ben, first)

    assert (await trading.reject(ben, second))["transfer"]["cancelledBy"] == "RECEIVER"


class TestWhoDecides:
    async def test_initiator_cannot_accept_or_reject(
        self, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)

        assert (await trading.accept(ana, id_))["code"] == "DECISION_NOT_YOURS"
        assert (await trading.reject(ana, id_))["code"] == "DECISION_NOT_YOURS"

    async def test_receiver_cannot_cancel(self, trading: Trading, make: MakeMember) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)

        assert (await trading.cancel(ben, id_))["code"] == "DECISION_NOT_YOURS"

    async def test_for_a_stranger_there_is_no_such_transfer(
        self, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben, eve = await make(), await make(), await make()
        id_ = await trading.proposed(ana, ben)

        for decide in (trading.accept, trading.reject, trading.cancel):
            assert (await decide(eve, id_))["code"] == "TRANSFER_NOT_FOUND"
            assert (await decide(eve, "tfr_AAAA"))["code"] == "TRANSFER_NOT_FOUND"

    async def test_member_of_both_sides_can_only_cancel(
        self, trading: Trading, make: MakeMember, database: Database
    ) -> None:
        ana, ben = await make(), await make()
        await join(database, ana, ben)
        id_ = await trading.proposed(ana, ben)

        assert (await trading.accept(ana, id_))["code"] == "DECISION_NOT_YOURS"
        assert (await trading.cancel(ana, id_))["transfer"]["state"] == "CANCELLED"


class TestDecisionsAreFinal:
    async def test_another_decision_is_refused_with_the_first_one(
        self, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben)
        await trading.reject(ben, id_)

        for refused in (await trading.accept(ben, id_), await trading.cancel(ana, id_)):
            assert refused["code"] == "TRANSFER_ALREADY_DECIDED"
            assert (refused["state"], refused["cancelledBy"]) == ("CANCELLED", "RECEIVER")

    async def test_completed_transfer_cannot_be_rejected_or_cancelled(
        self, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.pay(ana, ben, "1.00")

        assert (await trading.reject(ben, id_))["state"] == "COMPLETED"
        assert (await trading.cancel(ana, id_))["state"] == "COMPLETED"

    async def test_same_decision_again_has_the_same_answer_and_no_effect(
        self, trading: Trading, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        id_ = await trading.proposed(ana, ben, "1.00")

        first, again = await trading.accept(ben, id_), await trading.accept(ben, id_)

        assert again == first
        assert await trading.balance(ana) == "-1.00"


async def set_status(database: Database, member: Member, status: EntityStatus) -> None:
    """Do what an admin would."""
    async with database.writing() as session:
        (await session.get_one(Entity, member.entity_id)).status = status


async def join(database: Database, user_of: Member, entity_of: Member) -> None:
    """Let the user of one member act for the entity of another."""
    async with database.writing() as session:
        session.add(Membership(user_id=user_of.user_id, entity_id=entity_of.entity_id))
