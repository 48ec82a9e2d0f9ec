"""Files of statements: for whoever has a good link, as long as who made it may read them."""

from datetime import UTC, datetime, timedelta
from io import BytesIO
from urllib.parse import parse_qs, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from mccs_graphql.app import create_app
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import AdminRole, AuditEntry, Role, Scope
from mccs_graphql.domain.ledger import statement_links
from mccs_graphql.domain.ledger import statements as rules
from mccs_graphql.domain.ledger.statement_links import StatementLink
from mccs_graphql.domain.ledger.statement_table import COLUMNS
from mccs_graphql.domain.ledger.statements import Period, StatementFormat
from mccs_graphql.endpoint import statement_export
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.factories import MakeAgent, MakeMember, Member, key_ring, make_admin
from tests.invitations import Memberships, acting, make_partner
from tests.profiles import Profiles
from tests.statements import CREATE_LINK, FAR_AWAY, LONG_AGO, Statements, now
from tests.trading import Trading

FORMATS = [format_.name for format_ in StatementFormat]
ISSUER = Settings(_env_file=None).token_issuer
QUARTER = timedelta(minutes=15)
NASTY = "=HYPERLINK(\"http://x.example\")<script>alert('1')</script>"


@pytest.fixture
def statements(graphql: GraphQLClient) -> Statements:
    return Statements(graphql)


async def code_at(graphql: GraphQLClient, url: str) -> tuple[int, str]:
    """The status and the code of the error that a link leads to."""
    response = await graphql.http.get(url)
    return response.status_code, response.json()["errors"][0]["extensions"]["code"]


async def signed(
    database: Database, of: Member, *, issuer: str = ISSUER, lifetime: timedelta = QUARTER
) -> str:
    """A link as the application would make it, if nothing else is said."""
    link = StatementLink(
        entity_id=of.entity_id,
        period=Period(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)),
        format=StatementFormat.CSV,
        session_id=of.session_id,
        token_id=None,
    )
    ring = await key_ring(database)
    made = statement_links.sign(ring, link, issuer=issuer, lifetime=lifetime)
    return f"{statement_export.PATH}?link={made.text}"


class TestRefusals:
    async def test_stranger_gets_no_link(self, graphql: GraphQLClient, make: MakeMember) -> None:
        ana, ben = await make(), await make()
        input_ = {"entityId": ana.id, "from": LONG_AGO, "to": FAR_AWAY, "format": "CSV"}

        assert await graphql.code(CREATE_LINK, by=ben, input=input_) == "FORBIDDEN"
        assert await graphql.code(CREATE_LINK, input=input_) == "UNAUTHENTICATED"

    async def test_admin_gets_no_link_to_nobody(
        self, graphql: GraphQLClient, database: Database
    ) -> None:
        admin = await make_admin(database, AdminRole.AUDITOR)
        input_ = {"entityId": "ent_x", "from": LONG_AGO, "to": FAR_AWAY, "format": "CSV"}

        assert await graphql.code(CREATE_LINK, by=admin, input=input_) == "FORBIDDEN"

    async def test_period_that_ends_before_it_begins_is_refused(
        self, statements: Statements, make: MakeMember
    ) -> None:
        refused = await statements.link(await make(), since=FAR_AWAY, to=LONG_AGO)

        assert refused["problems"] == [{"path": ["to"], "code": "NOT_AFTER_FROM"}]

    @pytest.mark.parametrize("format_", ["HTML", "PDF"])
    async def test_more_lines_than_are_printed_are_refused(
        self,
        statements: Statements,
        make: MakeMember,
        trading: Trading,
        monkeypatch: pytest.MonkeyPatch,
        format_: str,
    ) -> None:
        ana, ben = await make(), await make()
        await trading.pay(ana, ben, "1.00")
        link = await statements.link(ana, format_)
        await trading.pay(ana, ben, "1.00")
        monkeypatch.setattr(rules, "PRINTED_MAX", 1)

        refused = await statements.link(ana, format_)

        assert (refused["code"], refused["lines"], refused["most"]) == ("STATEMENT_TOO_LONG", 2, 1)
        assert await code_at(statements.graphql, link["url"]) == (400, "STATEMENT_TOO_LONG")
        assert len(await statements.table(ana)) == 4

    @pytest.mark.parametrize("query", ["", "?link=", "?link=a&link=b", "?link=é", "?token=x"])
    async def test_what_is_no_link_is_refused(self, graphql: GraphQLClient, query: str) -> None:
        refused = await code_at(graphql, f"{statement_export.PATH}{query}")

        assert refused == (401, "UNAUTHENTICATED")

    async def test_expired_link_is_refused(
        self, graphql: GraphQLClient, database: Database, make: MakeMember
    ) -> None:
        url = await signed(database, await make(), lifetime=-QUARTER)

        response = await graphql.http.get(url)

        assert response.status_code == 401
        assert response.json()["errors"][0]["extensions"]["reason"] == "TOKEN_EXPIRED"

    async def test_link_of_another_community_is_refused(
        self, graphql: GraphQLClient, database: Database, make: MakeMember
    ) -> None:
        url = await signed(database, await make(), issuer="elsewhere")

        assert await code_at(graphql, url) == (401, "UNAUTHENTICATED")

    async def test_link_that_was_changed_is_refused(
        self, graphql: GraphQLClient, statements: Statements, make: MakeMember
    ) -> None:
        ana, ben = await make(), await make()
        own, other = [(await statements.link(member))["url"].split(".") for member in (ana, ben)]

        forged = ".".join((own[0], other[1], own[2]))

        assert await code_at(graphql, forged) == (401, "UNAUTHENTICATED")

    async def test_neither_an_access_token_nor_a_link_passes_for_the_other(
        self, graphql: GraphQLClient, statements: Statements, make: MakeMember
    ) -> None:
        ana = await make()
        url = (await statements.link(ana))["url"]
        (link,) = parse_qs(urlsplit(url).query)["link"]

        as_link = await code_at(graphql, f"{statement_export.PATH}?link={ana.token}")
        as_token = await graphql.code("{ viewer { id } }", by=link)

        assert (as_link, as_token) == ((401, "UNAUTHENTICATED"), "UNAUTHENTICATED")

    async def test_link_ends_with_the_session_that_made_it(
        self, graphql: GraphQLClient, statements: Statements, make: MakeMember
    ) -> None:
        ana = await make()
        link = await statements.link(ana)
        await graphql("mutation { logOut { __typename } }", by=ana)

        assert await code_at(graphql, link["url"]) == (401, "UNAUTHENTICATED")

    async def test_link_ends_with_the_membership(
        self,
        graphql: GraphQLClient,
        statements: Statements,
        make: MakeMember,
        memberships: Memberships,
        database: Database,
    ) -> None:
        ana = await make()
        partner = await make_partner(database, ana, Role.VIEWER)
        link = await statements.link(ana, by=partner)
        await memberships.remove(ana, partner, of=ana)

        assert await code_at(graphql, link["url"]) == (403, "FORBIDDEN")

    async def test_link_ends_with_the_token_that_made_it(
        self, graphql: GraphQLClient, statements: Statements, make: MakeMember, agent: MakeAgent
    ) -> None:
        ana = await make()
        link = await statements.link(ana, by=await agent(ana, Scope.READ))
        good = await graphql.http.get(link["url"])
        await revoke_all(graphql, ana)

        assert good.status_code == 200
        assert await code_at(graphql, link["url"]) == (401, "UNAUTHENTICATED")


async def revoke_all(graphql: GraphQLClient, of: Member) -> None:
    """End every API token of an entity."""
    listed = "query Tokens($id: ID!) { entity(id: $id) { apiTokens { id } } }"
    revoke = "mutation R($id: ID!) { revokeApiToken(input: {id: $id}) { __typename } }"
    for token in (await graphql(listed, by=of, id=of.id))["entity"]["apiTokens"]:
        await graphql(revoke, by=of, id=token["id"])


class TestTable:
    async def test_each_side_is_named_and_balances_are_carried(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(entity_name="The Mill"), await make(entity_name="The Bakery")
        id_ = await trading.proposed(ana, ben, "30.00", description="Flour")
        await trading.accept(ben, id_)
        await trading.pay(ben, ana, "5.50")

        opening, paid, received, closing = await statements.table(ana)

        assert list(opening) == list(COLUMNS)
        assert (opening["description"], opening["balance"]) == ("Opening balance", "0.00")
        assert paid | {"date": "", "time_utc": ""} == {
            "date": "",
            "time_utc": "",
            "reference": id_,
            "entity": "The Mill",
            "counterparty": "The Bakery",
            "description": "Flour",
            "in": "",
            "out": "30.00",
            "balance": "-30.00",
        }
        assert (received["in"], received["out"], received["balance"]) == ("5.50", "", "-24.50")
        assert (closing["description"], closing["balance"]) == ("Closing balance", "-24.50")

    async def test_names_are_those_of_the_time(
        self, statements: Statements, make: MakeMember, trading: Trading, profiles: Profiles
    ) -> None:
        ana, ben = await make(), await make(entity_name="Before")
        await trading.pay(ana, ben, "1.00")
        await profiles.updated(ben, name="After")

        _, line, _ = await statements.table(ana)

        assert line["counterparty"] == "Before"

    async def test_nothing_becomes_a_formula_but_amounts_stay_numbers(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(entity_name="-Ana"), await make(entity_name="@Ben")
        await trading.accept(ben, await trading.proposed(ana, ben, "1.00", description=NASTY))

        opening, line, _ = await statements.table(ana)

        assert (opening["entity"], line["entity"], line["counterparty"]) == ("'-Ana",) * 2 + (
            "'@Ben",
        )
        assert line["description"] == f"'{NASTY}"
        assert line["balance"] == "-1.00"

    async def test_all_lines_of_many_batches_are_there_once(
        self,
        statements: Statements,
        make: MakeMember,
        trading: Trading,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        ana, ben = await make(), await make()
        for _ in range(5):
            await trading.pay(ana, ben, "1.00")
        monkeypatch.setattr("mccs_graphql.db.queries.standings.BATCH", 2)

        rows = await statements.table(ana)

        balances = [f"{-number}.00" for number in range(1, 6)]
        assert [row["balance"] for row in rows] == ["0.00", *balances, "-5.00"]


class TestAnswer:
    @pytest.mark.parametrize("format_", FORMATS)
    async def test_nobody_keeps_it_and_nothing_is_told_elsewhere(
        self, statements: Statements, make: MakeMember, format_: str
    ) -> None:
        response = await statements.download(
            await make(), format_, since="2026-01-01T00:00:00Z", to="2026-02-01T00:00:00Z"
        )

        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        named = f'filename="statement-2026-01-01-2026-02-01.{format_.lower()}"'
        assert response.headers["content-disposition"].endswith(named)

    async def test_page_escapes_what_members_have_written(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make(entity_name="<b>Ben</b> & Söhne")
        await trading.accept(ben, await trading.proposed(ana, ben, "1.00", description=NASTY))

        page = (await statements.download(ana, "HTML")).text

        assert "<script" not in page
        assert "&lt;b&gt;Ben&lt;/b&gt; &amp; Söhne" in page
        assert "-1.00" in page

    async def test_file_has_the_figures(
        self, statements: Statements, make: MakeMember, trading: Trading
    ) -> None:
        ana, ben = await make(), await make(entity_name="Bäckerei Łódź")
        await trading.accept(ben, await trading.proposed(ana, ben, "12.34", description="Brot"))

        response = await statements.download(ana, "PDF")

        text = PdfReader(BytesIO(response.content)).pages[0].extract_text()
        for said in ("Statement of account", "Bäckerei Łódź", "Brot", "12.34", "-12.34"):
            assert said in text

    async def test_it_is_in_the_language_of_who_made_the_link(
        self, statements: Statements, make: MakeMember
    ) -> None:
        ana = await make()
        speak = "mutation { updateUser(input: {language: DE}) { __typename } }"
        await statements.graphql(speak, by=ana)

        page = (await statements.download(ana, "HTML")).text

        assert '<html lang="de">' in page
        assert "Kontoauszug" in page

    async def test_auditor_may_read_it(
        self, statements: Statements, make: MakeMember, database: Database
    ) -> None:
        admin = await make_admin(database, AdminRole.AUDITOR)

        assert (await statements.download(await make(), by=admin)).status_code == 200

    async def test_partner_may_read_it(
        self, statements: Statements, make: MakeMember, database: Database
    ) -> None:
        ana = await make()
        partner = acting(await make_partner(database, ana, Role.VIEWER), ana)

        assert (await statements.download(ana, by=partner)).status_code == 200


async def test_link_leaves_an_entry_without_itself(
    statements: Statements, make: MakeMember, database: Database
) -> None:
    ana = await make()
    link = await statements.link(ana, "PDF")
    async with database.reading() as session:
        about = AuditEntry.subjects.contains([ana.entity_id])
        action = AuditEntry.action == "createStatementLink"
        (entry,) = (await session.scalars(select(AuditEntry).where(about, action))).all()

    (change,) = (entry.details or {})["changes"]

    assert (change["record"], change["what"]) == ("Account", "SHARED")
    assert change["fields"]["statementFormat"] == [None, "PDF"]
    (text,) = parse_qs(urlsplit(link["url"]).query)["link"]
    assert text.rpartition(".")[2] not in str(entry.details)


async def test_link_lasts_as_long_as_it_says(statements: Statements, make: MakeMember) -> None:
    before = datetime.now(UTC)

    expires_at = datetime.fromisoformat((await statements.link(await make()))["expiresAt"])

    assert timedelta(seconds=-1) <= expires_at - before - QUARTER <= timedelta(seconds=30)


async def test_downloads_and_guesses_are_paid_for(
    settings: Settings, make: MakeMember, database: Database
) -> None:
    few = settings.model_copy(update={"rate_visitor": 3, "rate_session": 35, "rate_address": 60})
    ana = await make()
    app = create_app(few)
    async with app.router.lifespan_context(app), GraphQLClient.to(app) as graphql:
        url = await signed(database, ana)
        downloads = [(await graphql.http.get(url)).status_code for _ in range(4)]
        wrong = f"{statement_export.PATH}?link=x"
        guesses = [(await graphql.http.get(wrong)).status_code for _ in range(4)]

    assert downloads == [200, 200, 200, 429]
    assert guesses == [401, 401, 401, 429]


async def test_now_is_as_of_the_download(
    statements: Statements, make: MakeMember, trading: Trading
) -> None:
    ana, ben = await make(), await make()
    link = await statements.link(ana, to=FAR_AWAY)
    before = now()
    await trading.pay(ana, ben, "1.00")

    table = (await statements.graphql.http.get(link["url"])).text

    closing = table.splitlines()[-1].split(",")
    assert closing[-1] == "-1.00"
    assert f"{closing[0]}T{closing[1]}" >= before[:19]
