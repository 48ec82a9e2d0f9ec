"""What an import is going to do, decided before anything is written."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.original.existing import Existing, find_existing, new_ones
from mccs_graphql.communities.original.headings import Heading, choose_headings
from mccs_graphql.communities.original.records import Admin, Seeds, User


@dataclass(frozen=True)
class Plan:
    """The sound records that are new, and the headings they and the entities are filed under."""

    new: Seeds
    existing: Existing
    headings: Mapping[str, Heading]

    @property
    def logins(self) -> tuple[User | Admin, ...]:
        """Everybody whose password is to be hashed."""
        users = tuple(member.user for member in self.new.members)
        return users + tuple(admin for _, admin in self.new.admins)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.logins or self.new.tags or self.new.categories)


async def make_plan(session: AsyncSession, sound: Seeds) -> Plan:
    """Compare records that break no rule with the database."""
    existing = await find_existing(session, sound)
    new = new_ones(sound, existing)
    listed = (heading for _, heading in new.categories)
    names = {key: category.name for key, category in existing.headings.items()}
    return Plan(new, existing, choose_headings(listed, new.members, existing=names))
