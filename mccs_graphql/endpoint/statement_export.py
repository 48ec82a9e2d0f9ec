"""``GET /export/statement``: what a link of ``createStatementLink`` leads to."""

import asyncio
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC

from graphql import GraphQLError
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from mccs_graphql.context import Caller, Context, Services
from mccs_graphql.domain.access import READ
from mccs_graphql.domain.errors import DomainError, TokenFault, Unauthenticated
from mccs_graphql.domain.ledger.statement_links import StatementLink
from mccs_graphql.domain.ledger.statement_table import StatementTable
from mccs_graphql.domain.ledger.statements import (
    Statement,
    StatementFormat,
    batches_of_lines,
    read_statement,
    require_printable,
)
from mccs_graphql.domain.rates import LEAST, Charge
from mccs_graphql.endpoint import charges
from mccs_graphql.endpoint.callers import caller_of
from mccs_graphql.endpoint.errors import presentable
from mccs_graphql.endpoint.refusals import told
from mccs_graphql.mails.writing import house_of
from mccs_graphql.papers.page import policy, to_html
from mccs_graphql.papers.pdf import to_pdf
from mccs_graphql.papers.statement import Paper, write_out
from mccs_graphql.reference import begin_reference
from mccs_graphql.resolvers.statements import PARAMETER, PATH

__all__ = ["PATH", "statement"]

LEAST_POINTS = 10
LINES_A_POINT = 25
"""A line costs less than an object of GraphQL."""
PRINTED_LINES_A_POINT = 5
_STATUS = {"UNAUTHENTICATED": 401, "FORBIDDEN": 403}
_PRESS = ThreadPoolExecutor(max_workers=1, thread_name_prefix="papers")
"""Putting fifty pages together takes a second or two of a processor: one at a time."""


async def statement(request: Request) -> Response:
    """The file of a link; an error as GraphQL has them."""
    services: Services = request.app.state.services
    caller = replace(caller_of(request, services), token=None)  # who made the link is who reads
    try:
        return await _export(request, caller)
    except Unauthenticated as error:
        charge = await caller.pay(LEAST, by=None)
        return _unpaid(request, charge) if charge.retry_seconds else _refused(request, error)
    except (DomainError, GraphQLError) as error:
        return _refused(request, error)


async def _export(request: Request, caller: Caller) -> Response:
    services = caller.services
    link = await services.statement_links.read(_link_in(request))
    context = await caller.follow(link, reference=begin_reference())
    context.require_viewer().require(READ, link.entity_id)
    async with services.database.reading() as session:
        found = await read_statement(session, link.entity_id, link.period)
    require_printable(found, link.format)
    charge = await caller.pay(_cost(found, link.format), by=context)
    if charge.retry_seconds:
        return _unpaid(request, charge)
    answer = await _answer(found, link, context)
    answer.headers.update(charges.headers(charge))
    return answer


def _link_in(request: Request) -> str:
    given = request.query_params.getlist(PARAMETER)
    if len(given) != 1:
        raise Unauthenticated(TokenFault.INVALID, "A link of createStatementLink is needed.")
    return given[0]


def _cost(found: Statement, format_: StatementFormat) -> int:
    printed = format_ is not StatementFormat.CSV
    lines_a_point = PRINTED_LINES_A_POINT if printed else LINES_A_POINT
    return LEAST_POINTS + found.stretch.line_count // lines_a_point


async def _answer(found: Statement, link: StatementLink, context: Context) -> Response:
    if link.format is StatementFormat.CSV:
        return StreamingResponse(
            _stream(found, context),
            media_type="text/csv",
            headers=_named(found, link.format, "attachment"),
        )
    lines = [line async for batch in batches_of_lines(context.database, found) for line in batch]
    settings, viewer = context.services.settings, context.require_viewer()
    language = viewer.user.language or settings.language

    def printed() -> Response:
        paper = write_out(found, lines, language=language, house=house_of(settings))
        return _pdf(found, paper) if link.format is StatementFormat.PDF else _page(found, paper)

    return await asyncio.get_running_loop().run_in_executor(_PRESS, printed)


def _pdf(found: Statement, paper: Paper) -> Response:
    headers = _named(found, StatementFormat.PDF, "attachment")
    return Response(to_pdf(paper), media_type="application/pdf", headers=headers)


def _page(found: Statement, paper: Paper) -> Response:
    headers = _named(found, StatementFormat.HTML, "inline") | {"Content-Security-Policy": policy()}
    return Response(to_html(paper), media_type="text/html", headers=headers)


async def _stream(found: Statement, context: Context) -> AsyncIterator[str]:
    table = StatementTable(found, scale=context.services.settings.unit_scale)
    yield table.head()
    async for lines in batches_of_lines(context.database, found):
        yield table.lines(lines)
    yield table.foot()


def _named(found: Statement, format_: StatementFormat, disposition: str) -> dict[str, str]:
    """What the file is called: by its days, as names may hold anything."""
    stretch = found.stretch
    days = (
        f"{each.moment.astimezone(UTC):%Y-%m-%d}" for each in (stretch.opening, stretch.closing)
    )
    name = f"statement-{'-'.join(days)}.{format_}"
    return {"Content-Disposition": f'{disposition}; filename="{name}"'}


def _unpaid(request: Request, charge: Charge) -> Response:
    headers = charges.headers(charge)
    return told(request, charges.refusal(charge), status=429, headers=headers)


def _refused(request: Request, error: Exception) -> Response:
    shown = presentable(GraphQLError(str(error), original_error=error))
    return told(request, shown, status=_STATUS.get((shown.extensions or {}).get("code", ""), 400))
