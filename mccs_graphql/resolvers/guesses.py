"""The one place where passwords are tried, and tries are counted."""

from datetime import UTC, datetime

from mccs_graphql.context import Context
from mccs_graphql.db.models import User
from mccs_graphql.domain.identity.second_factor import Proof
from mccs_graphql.domain.identity.throttle import Attempt, AttemptKind


async def password_fits(context: Context, user: User | None, password: str) -> bool:
    """Whether it is the user's password. Takes as long for nobody as for somebody."""
    return await context.services.passwords.verify(password, user.password_hash if user else None)


async def own_password_fits(context: Context, password: str) -> bool:
    """Whether it is the viewer's password, for who has a token but may have stolen it.

    Counted by session: guesses with a stolen token keep nobody who logs in anew from changing the
    password. Raises TooManyAttempts.
    """
    viewer = context.require_viewer()
    attempt = attempt_of(context, AttemptKind.PASSWORD, str(viewer.session_id))
    await count(context, attempt)
    fits = await password_fits(context, viewer.user, password)
    if fits:
        async with context.writing() as session:
            await context.services.throttle.forgive(session, attempt)
    return fits


def attempt_of(context: Context, kind: AttemptKind, subject: str = "") -> Attempt:
    """An attempt from where this request comes from."""
    return Attempt(kind, context.origin.address, subject)


async def count(context: Context, attempt: Attempt) -> None:
    """Count an attempt before it is made, whatever becomes of it. Raises TooManyAttempts."""
    async with context.writing() as session:
        await context.services.throttle.count(session, attempt)


async def take_back(context: Context, attempt: Attempt) -> None:
    """An attempt that was counted turned out to be no guess."""
    async with context.writing() as session:
        await context.services.throttle.take_back(session, attempt)


def proof_by(context: Context, code: str | None) -> Proof:
    """The code, to be looked at as of now."""
    return Proof(code, context.services.seal, datetime.now(UTC))
