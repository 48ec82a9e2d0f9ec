"""Whether the process lives, and whether it can serve."""

import asyncio
from collections.abc import Awaitable

from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import JSONResponse

from mccs_graphql.context import Services

CHECK_SECONDS = 3


async def live(_request: Request) -> JSONResponse:
    """200 for as long as the process answers at all."""
    return JSONResponse({"status": "live"})


async def ready(request: Request) -> JSONResponse:
    """200 if PostgreSQL and Redis both answer now, else 503; the body says which does."""
    services: Services = request.app.state.services
    names = ("postgresql", "redis")
    answers = await asyncio.gather(
        _answers(_ask_database(services)), _answers(services.wake_ups.is_reachable())
    )
    states = {
        name: "ok" if answer else "unreachable" for name, answer in zip(names, answers, strict=True)
    }
    status = "ready" if all(answers) else "not ready"
    return JSONResponse({"status": status, **states}, status_code=200 if all(answers) else 503)


async def _answers(question: Awaitable[bool]) -> bool:
    try:
        return await asyncio.wait_for(question, CHECK_SECONDS)
    except Exception:
        return False


async def _ask_database(services: Services) -> bool:
    async with services.database.reading() as session:
        return bool(await session.scalar(text("SELECT 1")))
