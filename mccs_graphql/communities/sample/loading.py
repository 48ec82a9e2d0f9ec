"""Loading the sample community, once and whole."""

from dataclasses import dataclass
from datetime import UTC, datetime

from mccs_graphql.communities.alone import load_alone
from mccs_graphql.communities.empty import CommunityNotEmpty, is_empty, require_empty
from mccs_graphql.communities.sample.books import add_trades
from mccs_graphql.communities.sample.history import Trade, make_history, open_trades
from mccs_graphql.communities.sample.listings import add_listings
from mccs_graphql.communities.sample.logins import SAMPLE_PASSWORD
from mccs_graphql.communities.sample.members import Party, add_members
from mccs_graphql.communities.sample.town import Town, read_town
from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import TransferState
from mccs_graphql.domain.audit.trail import SYSTEM, Deed, summarise
from mccs_graphql.domain.identity.passwords import Passwords
from mccs_graphql.settings import Settings


@dataclass(frozen=True)
class Summary:
    """How much was loaded."""

    town: str
    entities: int
    users: int
    admins: int
    completed: int
    cancelled: int
    open: int

    def __str__(self) -> str:
        return (
            f"{self.town}: {self.entities} entities, {self.users} users, {self.admins} admins, "
            f"{self.completed} completed transfers, {self.cancelled} rejected or cancelled ones, "
            f"{self.open} open proposals"
        )


async def load(database: Database, settings: Settings) -> Summary:
    """Load the sample community in one transaction. Raises CommunityNotEmpty."""
    town, now, scale = read_town(), datetime.now(UTC), settings.unit_scale
    passwords = Passwords(memory_kib=settings.password_memory_kib)
    password_hash = await passwords.hash(SAMPLE_PASSWORD)
    past = make_history(town, now=now, scale=scale)
    trades = [*past, *open_trades(town, now=now, scale=scale)]
    async with database.writing() as session:
        await load_alone(session)
        await require_empty(session)
        parties = await add_members(
            session, town, now=now, scale=scale, password_hash=password_hash
        )
        await add_listings(session, town, parties)
        await add_trades(session, trades, parties)
        summary = _summary(town, parties, trades)
        await summarise(session, Deed("seed", SYSTEM), reason=str(summary))
    return summary


async def load_when_empty(settings: Settings) -> bool:
    """Load the sample community unless there is one; whether it was loaded.

    Of several processes that do this at once, one loads.
    """
    database = Database(settings)
    try:
        async with database.reading() as session:
            empty = await is_empty(session)
        if empty:
            await load(database, settings)
    except CommunityNotEmpty:
        return False
    finally:
        await database.close()
    return empty


def _summary(town: Town, parties: dict[str, Party], trades: list[Trade]) -> Summary:
    states = [trade.state for trade in trades]
    return Summary(
        town=town.town.city,
        entities=len(parties),
        users=len({user.id for party in parties.values() for user in party.users}),
        admins=len(town.admins),
        completed=states.count(TransferState.COMPLETED),
        cancelled=states.count(TransferState.CANCELLED),
        open=states.count(TransferState.INITIATED),
    )
