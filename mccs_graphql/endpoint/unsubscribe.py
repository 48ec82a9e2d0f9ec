"""``/unsubscribe``: where the links of mails turn mails off, without logging in (RFC 8058).

Programs that look for viruses follow links with GET, so that only asks. It takes a POST, by the
button of the page or by a mail program, to change anything.
"""

import re

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from mccs_graphql.context import Services
from mccs_graphql.db.models import NoticeKind
from mccs_graphql.domain.audit.trail import VISITOR, Deed, audited
from mccs_graphql.domain.notices.unsubscribing import (
    UnsubscribeTokenInvalid,
    read_token,
    unsubscribe,
)
from mccs_graphql.endpoint import charges
from mccs_graphql.endpoint.callers import caller_of
from mccs_graphql.mails.pages import unsubscribe_page
from mccs_graphql.reference import begin_reference
from mccs_graphql.settings import Language

PATH = "/unsubscribe"
METHODS = ("GET", "POST")
POINTS = 10
POLICY = "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_PRIMARY = re.compile(r"[A-Za-z]+")


async def answer(request: Request) -> Response:
    """The page. What is wrong with a link is not said: perhaps there never was such a user."""
    services: Services = request.app.state.services
    charge = await caller_of(request, services).pay(POINTS, by=None)
    if charge.retry_seconds:
        return PlainTextResponse("Try again later.", 429, charges.headers(charge))
    try:
        kind = await _carry_out(request, services)
    except UnsubscribeTokenInvalid:
        return _page(request, services, None)
    return _page(request, services, kind)


async def _carry_out(request: Request, services: Services) -> NoticeKind:
    """The kind that the link is about. Raises UnsubscribeTokenInvalid."""
    token = request.query_params.get("token", "")
    if request.method != "POST":
        async with services.database.reading() as session:
            return await read_token(session, token)
    caller = caller_of(request, services)
    deed = Deed("unsubscribe", VISITOR, caller.origin.address, begin_reference())
    async with audited(services.database, deed) as session:
        return await unsubscribe(session, token)


def _page(request: Request, services: Services, kind: NoticeKind | None) -> Response:
    settings = services.settings
    page = unsubscribe_page(
        kind,
        done=request.method == "POST",
        language=_language(request.headers.get("accept-language", "")) or settings.language,
        house=settings.sender[0],
    )
    headers = {"Content-Security-Policy": POLICY}
    return HTMLResponse(page, 200 if kind else 400, headers)


def _language(accepted: str) -> Language | None:
    """The first language of a browser's that we have; their order is nearly always that."""
    known = {language.value: language for language in Language}
    firsts = (_PRIMARY.match(each.strip()) for each in accepted[:200].split(","))
    return next((known[m[0].lower()] for m in firsts if m and m[0].lower() in known), None)
