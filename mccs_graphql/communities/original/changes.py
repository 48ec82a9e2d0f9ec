"""What is kept otherwise than it stands in the files."""

from collections.abc import Iterable, Iterator, Mapping

from mccs_graphql.communities.original.findings import Finding, quoted
from mccs_graphql.communities.original.headings import Heading, key_of
from mccs_graphql.communities.original.records import Admin, Entity, Member, Named, Seeds, User
from mccs_graphql.domain.contact import normal_email
from mccs_graphql.domain.directory.tags import normal_tag
from mccs_graphql.domain.identity.passwords import password_problems

Change = tuple[str, str, str]
"""The field, what is done to it, and what is particular to the record."""


def changes(seeds: Seeds, headings: Mapping[str, Heading]) -> Iterator[Finding]:
    """Every change to the records that are about to be written."""
    shape, members = seeds.shape, seeds.members
    for member in members:
        for field, what, detail in _of_login(member.user):
            yield Finding(shape.users, member.number, field, what, detail)
    for member in members:
        for field, what, detail in _of_entity(member, headings):
            name = shape.written(shape.entities, field)
            yield Finding(shape.entities, member.number, name, what, detail)
    yield from _of_tags(shape.tags, seeds.tags)
    for number, heading in seeds.categories:
        for field, what, detail in _of_heading(heading, headings):
            yield Finding(shape.categories, number, field, what, detail)
    for number, admin in seeds.admins:
        for field, what, detail in _of_login(admin):
            yield Finding(shape.admins, number, field, what, detail)


def _of_login(login: User | Admin) -> Iterator[Change]:
    email = normal_email(login.email)
    if email != login.email:
        yield "email", "kept in its normal form", email
    if any(password_problems(login.password)):
        yield "password", "weaker than today's rule, but kept (as an Argon2id hash, like all)", ""
    yield from _of_time(login)


def _of_entity(member: Member, headings: Mapping[str, Heading]) -> Iterator[Change]:
    entity = member.entity
    if entity.name != entity.name.strip():
        yield "name", "without the white space around it", ""
    if not entity.email:
        yield "email", "not given: the user's address", ""
    elif normal_email(entity.email) != entity.email:
        yield "email", "kept in its normal form", normal_email(entity.email)
    if member.limits is None:
        yield "limits", "not in these files: those of the settings", ""
    for field, carried in (("offers", entity.offers), ("wants", entity.wants)):
        for _, change in _of_names(field, enumerate(carried)):
            yield change
    for name in entity.categories:
        yield from _of_heading(Named(name=name), headings, field="categories")
    yield from _of_time(entity)


def _of_names(field: str, tags: Iterable[tuple[int, Named]]) -> Iterator[tuple[int, Change]]:
    seen: set[str] = set()
    for number, tag in tags:
        name = normal_tag(tag.name)
        if name != tag.name:
            yield number, (field, "kept in the one form of tags", f"{quoted(tag.name)} as {name}")
        if name in seen:
            yield number, (field, "there more than once: kept once, with the earliest time", name)
        seen.add(name)


def _of_tags(file: str, tags: tuple[tuple[int, Named], ...]) -> Iterator[Finding]:
    for number, change in _of_names("name", tags):
        yield Finding(file, number, *change)
    for number, tag in tags:
        for change in _of_time(tag):
            yield Finding(file, number, *change)


def _of_heading(
    heading: Named, headings: Mapping[str, Heading], *, field: str = "name"
) -> Iterator[Change]:
    name = headings[key_of(heading.name)].name
    if name != heading.name:
        what = "filed under the heading's one spelling"
        yield field, what, f"{quoted(heading.name)} as {name}"
    if field == "name":
        yield from _of_time(heading)


def _of_time(record: User | Admin | Entity | Named) -> Iterator[Change]:
    if record.created_at is None:
        yield "created_at", "not given: the time of the import", ""
