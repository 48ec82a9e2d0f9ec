"""An invented community is loaded into an empty database only."""

from sqlalchemy import exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Category, Entity, Tag, User

INHABITANTS = (User, Entity, Tag, Category)


class CommunityNotEmpty(Exception):
    """There is somebody already, who is not to be mixed up with people who do not exist."""

    def __init__(self) -> None:
        super().__init__(
            "There is a community in this database already. This one is invented, so it is loaded "
            "into an empty database only."
        )


async def is_empty(session: AsyncSession) -> bool:
    """Whether there is nobody yet, and not a word about goods or services."""
    somebody = or_(*(exists(select(model.id)) for model in INHABITANTS))
    return not await session.scalar(select(somebody))


async def require_empty(session: AsyncSession) -> None:
    """Raise CommunityNotEmpty."""
    if not await is_empty(session):
        raise CommunityNotEmpty
