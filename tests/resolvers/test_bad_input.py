"""Whatever a client sends, it gets a refusal or an error with a code, and the books stay right."""

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from mccs_graphql.db.engine import Database
from mccs_graphql.domain.ledger.account_numbers import new_account_number
from mccs_graphql.domain.ledger.books import check_books
from mccs_graphql.schema.cursors import encode_cursor
from mccs_graphql.schema.ids import IdPrefix, encode_id
from tests.clients import GraphQLClient, new_key
from tests.factories import MakeMember
from tests.resolvers.stage import DOCUMENTS, Stage, finds_nothing, put, set_stage
from tests.trading import Trading

WIDE = "\N{FULLWIDTH DIGIT FOUR}" + "\N{FULLWIDTH DIGIT ONE}" * 15
MALFORMED = {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}
NOBODYS = UUID("7d1d4b0e-4b1f-4c55-9b0e-0d0f6f0f3a11")


@pytest.fixture
async def stage(graphql: GraphQLClient, make: MakeMember, trading: Trading) -> Stage:
    return await set_stage(graphql, make, trading)


@pytest.fixture(scope="module", autouse=True)
async def books_balance_at_the_end(database: Database) -> AsyncIterator[None]:
    yield
    async with database.snapshot() as session:
        findings = await check_books(session, progress=lambda _check: None)
    assert findings.balanced, findings.differences


class TestProposal:
    @pytest.mark.parametrize(
        "amount",
        [
            *(1.5, 1.0, 1e5, float("nan"), float("inf"), True, False, None, [], ["1"], {}),
            *("", "1.234", "0.001", "NaN", "Infinity", "1e5", "1E5", " 1", "+1", "1,00", "0x1"),
            *(
                "\N{FULLWIDTH DIGIT ONE}",
                "٣",
                "1" * 16,
                "9" * 1000,
                10**15,
                2**63 - 1,
                2**64 - 1,
                2**64,
                -(2**63),
            ),
            *(10**30, 10**400),
        ],
        ids=lambda amount: repr(amount)[:30],
    )
    async def test_amount_in_another_form_is_refused(self, stage: Stage, amount: object) -> None:
        assert await stage.propose(amount=amount) in ("BAD_USER_INPUT", "BAD_REQUEST")

    @pytest.mark.parametrize(
        "amount", [0, "0", "0.00", "-0.00", -1, "-0.01", "10000000000000.00", 10**15 - 1]
    )
    async def test_amount_that_no_transfer_can_have_is_refused(
        self, stage: Stage, amount: object
    ) -> None:
        assert await stage.propose(amount=amount) == "INVALID_INPUT"

    async def test_largest_amount_meets_the_limits(self, stage: Stage) -> None:
        assert await stage.propose(amount="9999999999999.99") == "CREDIT_LIMIT_EXCEEDED"

    @pytest.mark.parametrize(
        "number",
        [
            *("", "0", "1234567890123456", "411111111111111", "41111111111111111"),
            *(WIDE, "4111 1111 1111 1111", "4111-1111-1111-1111"),
            *("411111111111111a", "-411111111111111", "4111111111111111\n", "4" * 10_000),
        ],
        ids=lambda number: repr(number)[:20],
    )
    async def test_account_number_with_a_mistake_is_refused(
        self, stage: Stage, number: str
    ) -> None:
        receiver = {"accountNumber": number}
        assert await stage.propose(receiver=receiver) == "ACCOUNT_NUMBER_INVALID"

    async def test_account_number_of_nobody_is_not_found(self, stage: Stage) -> None:
        receiver = {"accountNumber": new_account_number()}
        assert await stage.propose(receiver=receiver) == "RECEIVER_NOT_FOUND"

    @pytest.mark.parametrize(
        "id_", ["", "x", 5, -1, str(NOBODYS), encode_id(IdPrefix.ENTITY, NOBODYS), "ent_"]
    )
    async def test_receiver_of_no_known_id_is_not_found(self, stage: Stage, id_: object) -> None:
        assert await stage.propose(receiver={"id": id_}) == "RECEIVER_NOT_FOUND"

    async def test_receiver_by_the_id_of_another_type_is_not_found(self, stage: Stage) -> None:
        as_transfer = encode_id(IdPrefix.TRANSFER, stage.ben.entity_id)
        assert await stage.propose(receiver={"id": as_transfer}) == "RECEIVER_NOT_FOUND"
        assert await stage.propose(receiver={"id": stage.transfer_id}) == "RECEIVER_NOT_FOUND"

    @pytest.mark.parametrize(
        "receiver",
        [
            *({}, None, [], "x", 5, {"id": None}, {"accountNumber": None}, {"id": 1.5}),
            *({"id": True}, {"id": []}, {"accountNumber": 4111111111111111}, {"name": "x"}),
            *({"id": "a", "accountNumber": "b"}, {"id": "a", "accountNumber": None}),
        ],
        ids=str,
    )
    async def test_neither_or_both_ways_to_name_the_receiver_are_refused(
        self, stage: Stage, receiver: object
    ) -> None:
        assert await stage.propose(receiver=receiver) in MALFORMED

    async def test_foreign_initiator_is_forbidden(self, stage: Stage) -> None:
        for id_ in (stage.ben.id, "", "x", encode_id(IdPrefix.ENTITY, uuid4()), stage.transfer_id):
            assert await stage.propose(initiatorId=id_) == "FORBIDDEN"

    @pytest.mark.parametrize("key", ["", "x", 5, None, NOBODYS.hex, f"{{{NOBODYS}}}", [], 1.5])
    async def test_key_that_is_no_uuid_is_refused(self, stage: Stage, key: object) -> None:
        assert await stage.propose(idempotencyKey=key) == "BAD_USER_INPUT"

    @pytest.mark.parametrize(
        "wishes",
        [
            *({"direction": "SIDEWAYS"}, {"direction": "out"}, {"direction": ""}),
            *({"direction": None}, {"direction": 1}, {"direction": ["OUT"]}),
            *({"initiatorId": None}, {"initiatorId": []}, {"initiatorId": 1.5}),
            *({"initiatorId": True}, {"description": None}, {"description": 5}),
            *({"description": True}, {"description": []}, {"description": {}}),
            *({"colour": "red"}, {"payerId": "x"}),
        ],
        ids=str,
    )
    async def test_input_of_another_type_is_refused(
        self, stage: Stage, wishes: dict[str, object]
    ) -> None:
        assert await stage.propose(**wishes) == "BAD_USER_INPUT"

    @pytest.mark.parametrize("name", ["initiatorId", "receiver", "direction", "amount"])
    async def test_input_that_is_missing_is_refused(self, stage: Stage, name: str) -> None:
        variables = stage.variables("propose")
        del variables["input"][name]
        answer = await stage.send(DOCUMENTS["propose"], variables)
        assert answer.code == "BAD_USER_INPUT"

    @pytest.mark.parametrize("length", [501, 10_000])
    async def test_long_description_is_refused(self, stage: Stage, length: int) -> None:
        assert await stage.propose(description="x" * length) == "INVALID_INPUT"

    @pytest.mark.parametrize("description", ["", "x" * 500, "\U0001f33e" * 500, "e\u0301\n\t'\"\\"])
    async def test_any_other_description_is_kept(self, stage: Stage, description: str) -> None:
        assert await stage.propose(description=description) is None

    @pytest.mark.parametrize(
        "literal",
        [
            *("amount: 1.5", "amount: NaN", "amount: 1e2", 'amount: "1.234"', "amount: true"),
            *("amount: " + "9" * 400, "amount: [1]", "amount: null", "direction: UP"),
            *('direction: "OUT"', 'receiver: {id: "a", accountNumber: "b"}', "receiver: {}"),
            *("receiver: {id: null}", 'colour: "red"', 'idempotencyKey: "x"', "description: 5"),
        ],
    )
    async def test_literal_of_another_form_is_refused(self, stage: Stage, literal: str) -> None:
        terms = {
            "initiatorId": f'"{stage.ana.id}"',
            "receiver": f'{{id: "{stage.ben.id}"}}',
            "direction": "OUT",
            "amount": '"1.00"',
            "idempotencyKey": f'"{new_key()}"',
        }
        terms |= dict([literal.split(": ", 1)])
        written = ", ".join(f"{name}: {value}" for name, value in terms.items())

        answer = await stage.send(
            f"mutation {{ result: proposeTransfer(input: {{{written}}}) {{ __typename }} }}", None
        )

        assert answer.code in MALFORMED


class TestDecision:
    @pytest.mark.parametrize("decision", ["accept", "reject", "cancel"])
    @pytest.mark.parametrize(
        "id_", ["", "x", 5, str(NOBODYS), encode_id(IdPrefix.TRANSFER, NOBODYS), "tfr_"]
    )
    async def test_transfer_of_no_known_id_is_not_found(
        self, stage: Stage, decision: str, id_: object
    ) -> None:
        variables = put(stage.variables(decision), ("input", "transferId"), id_)
        answer = await stage.send(DOCUMENTS[decision], variables)
        assert answer.code == "TRANSFER_NOT_FOUND"

    @pytest.mark.parametrize("decision", ["accept", "reject", "cancel"])
    async def test_foreign_transfer_is_not_found(
        self, stage: Stage, decision: str, make: MakeMember, trading: Trading
    ) -> None:
        foreign = await trading.proposed(await make(), await make())
        variables = put(stage.variables(decision), ("input", "transferId"), foreign)
        answer = await stage.send(DOCUMENTS[decision], variables)
        assert answer.code == "TRANSFER_NOT_FOUND"

    @pytest.mark.parametrize("decision", ["reject", "cancel"])
    async def test_long_reason_is_refused(self, stage: Stage, decision: str) -> None:
        variables = put(stage.variables(decision), ("input", "reason"), "x" * 501)
        assert (await stage.send(DOCUMENTS[decision], variables)).code == "INVALID_INPUT"


class TestContact:
    @pytest.mark.parametrize("name", ["actingFor", "entityId", "message", "idempotencyKey"])
    @pytest.mark.parametrize("value", [None, [], {}, 1.5, True])
    async def test_message_of_another_form_is_refused(
        self, stage: Stage, name: str, value: object
    ) -> None:
        variables = put(stage.variables("contact"), ("input", name), value)
        assert (await stage.send(DOCUMENTS["contact"], variables)).code == "BAD_USER_INPUT"

    @pytest.mark.parametrize("value", [None, "true", 0, 1, [], {}])
    async def test_favorite_that_is_neither_true_nor_false_is_refused(
        self, stage: Stage, value: object
    ) -> None:
        variables = put(stage.variables("setFavorite"), ("input", "favorite"), value)
        assert (await stage.send(DOCUMENTS["setFavorite"], variables)).code == "BAD_USER_INPUT"

    @pytest.mark.parametrize("name", ["setFavorite", "contact"])
    async def test_nothing_is_wrong_with_the_rest(self, stage: Stage, name: str) -> None:
        assert (await stage.send(DOCUMENTS[name], stage.variables(name))).code is None


class TestQuery:
    @pytest.mark.parametrize("input_", [{}, None, {"proposal": None}, {"acceptanceOf": None}, []])
    async def test_check_of_nothing_is_refused(self, stage: Stage, input_: object) -> None:
        answer = await stage.send(DOCUMENTS["check"], {"input": input_})
        assert answer.code in MALFORMED

    async def test_check_of_both_is_refused(self, stage: Stage) -> None:
        variables = stage.variables("check")
        variables["input"]["acceptanceOf"] = stage.transfer_id
        assert (await stage.send(DOCUMENTS["check"], variables)).code in MALFORMED

    async def test_more_nodes_than_allowed_are_refused(self, stage: Stage) -> None:
        query = "query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }"
        assert (await stage.send(query, {"ids": [stage.ana.id] * 101})).code == "BAD_USER_INPUT"
        assert (await stage.send(query, {"ids": [stage.ana.id, None]})).code == "BAD_USER_INPUT"

    @pytest.mark.parametrize(
        "moment",
        ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+00:00"],
    )
    async def test_forged_cursor_at_the_end_of_time_is_refused_or_finds_nothing(
        self, stage: Stage, moment: str
    ) -> None:
        variables = {
            "id": stage.ana.id,
            "after": encode_cursor("transfer", moment, uuid4()),
        }
        answer = await stage.send(DOCUMENTS["transfers"], variables)
        assert answer.code == "BAD_USER_INPUT" or finds_nothing(answer.result)

    @pytest.mark.parametrize("variables", [[], "x", 5, True])
    async def test_variables_that_are_no_object_are_refused(
        self, stage: Stage, variables: object
    ) -> None:
        assert (await stage.send("{ viewer { id } }", variables)).code is not None
