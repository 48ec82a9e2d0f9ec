"""What an import is going to do, decided before anything is written."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.original.existing import Existing, find_existing, new_ones
from mccs_graphql.communities.original.findings import Finding, quoted
from mccs_graphql.communities.original.headings import Heading, choose_headings
from mccs_graphql.communities.original.records import Admin, Seeds, User
from mccs_graphql.communities.original.rules import OF_A_USER


@dataclass(frozen=True)
class Plan:
    """The sound records that are new, and the headings they and the entities are filed under.

    ``refused`` says which of the sound ones the database has no place for.
    """

    new: Seeds
    refused: tuple[Finding, ...]
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
    refused = tuple(_members_who_would_be_admins(sound, existing))
    return Plan(new, refused, existing, choose_headings(listed, new.members, existing=names))


def _members_who_would_be_admins(sound: Seeds, existing: Existing) -> Iterator[Finding]:
    for number, admin in sound.admins:
        if admin.email in existing.members:
            yield Finding(sound.shape.admins, number, "email", OF_A_USER, quoted(admin.email))
