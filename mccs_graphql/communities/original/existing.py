"""What of the seeds the database holds already."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    String,
    any_,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.ext.asyncio import AsyncSession

from mccs_graphql.communities.original.headings import key_of
from mccs_graphql.communities.original.records import Seeds
from mccs_graphql.communities.original.tagging import distinct
from mccs_graphql.db.models import Admin, AdminRole, Category, Tag, User
from mccs_graphql.domain.contact import normal_email
from mccs_graphql.domain.directory.tags import normal_tag


@dataclass(frozen=True)
class Existing:
    """Users and admins by their addresses in the files, tags by name, headings by key.

    ``members`` are the addresses of admins in the files that users have who are no admins.
    """

    users: frozenset[str]
    admins: frozenset[str]
    members: frozenset[str]
    has_owner: bool
    tags: Mapping[str, UUID]
    headings: Mapping[str, Category]


async def find_existing(session: AsyncSession, seeds: Seeds) -> Existing:
    """Look all records up; they must be sound. Six statements, however many records there are."""
    carried = [tag for member in seeds.members for tag in member.entity.tags]
    names = distinct((*(tag for _, tag in seeds.tags), *carried))
    tags = await session.execute(select(Tag.name, Tag.id).where(Tag.name == any_(_texts(names))))
    headings = await session.scalars(select(Category))
    of_admins = [admin.email for _, admin in seeds.admins]
    is_admin = exists().where(Admin.user_id == User.id)
    owned = select(exists().where(Admin.role == AdminRole.OWNER))
    return Existing(
        users=await _known(session, (member.user.email for member in seeds.members)),
        admins=await _known(session, of_admins, is_admin),
        members=await _known(session, of_admins, ~is_admin),
        has_owner=bool(await session.scalar(owned)),
        tags={name: tag_id for name, tag_id in tags},  # noqa: C416 - rows are no pairs to mypy
        headings={key_of(heading.name): heading for heading in headings},
    )


def new_ones(seeds: Seeds, existing: Existing) -> Seeds:
    """The records of which the database holds nothing yet."""
    return replace(
        seeds,
        members=tuple(
            member for member in seeds.members if member.user.email not in existing.users
        ),
        admins=tuple(
            pair for pair in seeds.admins if pair[1].email not in existing.admins | existing.members
        ),
        tags=tuple(pair for pair in seeds.tags if normal_tag(pair[1].name) not in existing.tags),
        categories=tuple(
            pair for pair in seeds.categories if key_of(pair[1].name) not in existing.headings
        ),
    )


async def _known(
    session: AsyncSession, emails: Iterable[str], *conditions: ColumnElement[bool]
) -> frozenset[str]:
    """Those of the addresses that such a user has; comparing them is the database's job."""
    written = {normal_email(email): email for email in emails}
    address = func.unnest(_texts(written)).column_valued("address")
    taken = exists().where(func.lower(User.email) == func.lower(address), *conditions)
    found = await session.scalars(select(address).where(taken))
    return frozenset(written[email] for email in found)


def _texts(values: Iterable[str]) -> BindParameter[Sequence[str]]:
    return bindparam(None, list(values), ARRAY(String))
