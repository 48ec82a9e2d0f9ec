"""The one place where passwords are tried."""

from mccs_graphql.context import Context
from mccs_graphql.db.models import User


async def password_fits(context: Context, user: User | None, password: str) -> bool:
    """Whether it is the user's password. Takes as long for nobody as for somebody."""
    return await context.services.passwords.verify(password, user.password_hash if user else None)
