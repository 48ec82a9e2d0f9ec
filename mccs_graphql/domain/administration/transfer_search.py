"""Looking for transfers of the whole community."""

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.db.models import Transfer
from mccs_graphql.db.models.transfer import DESCRIPTION_MAX
from mccs_graphql.db.queries import transfer_search as queries
from mccs_graphql.db.queries.keyset import Page, Window
from mccs_graphql.db.queries.transfer_search import Sought
from mccs_graphql.domain import text


async def find_transfers(session: AsyncSession, sought: Sought, window: Window) -> Page[Transfer]:
    """A window of them. Raises InvalidInput for words that cannot be looked for."""
    if sought.words is not None:
        text.require(text.problems_of("text", sought.words, least=1, most=DESCRIPTION_MAX))
    return await queries.page_of_sought(session, sought, window)
