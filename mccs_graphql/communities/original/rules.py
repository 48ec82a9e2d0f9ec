"""Which records cannot be kept, and why. Nothing is cut to fit."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from typing import TypeVar

from email_validator import EmailNotValidError

from mccs_graphql.communities.original.findings import Finding, numbers_in, quoted
from mccs_graphql.communities.original.headings import key_of
from mccs_graphql.communities.original.records import Admin, Entity, Limits, Named, Seeds, User
from mccs_graphql.communities.original.shapes import Shape
from mccs_graphql.communities.original.tagging import distinct
from mccs_graphql.db.models import entity as entities
from mccs_graphql.db.models import user as users
from mccs_graphql.db.models.directory import CATEGORY_MAX, TAGS_MAX
from mccs_graphql.db.models.transfer import AMOUNT_MAX
from mccs_graphql.domain import text
from mccs_graphql.domain.contact import email_problems, normal_email
from mccs_graphql.domain.directory.tags import parse_tag
from mccs_graphql.domain.errors import Problem
from mccs_graphql.domain.identity.passwords import PASSWORD_MAX

USER_LENGTHS = {
    "first_name": (0, users.PERSON_NAME_MAX),
    "last_name": (0, users.PERSON_NAME_MAX),
    "telephone": (0, users.TELEPHONE_MAX),
    "password": (1, PASSWORD_MAX),
}
ENTITY_LENGTHS = {
    "name": (1, entities.ENTITY_NAME_MAX),
    "telephone": (0, users.TELEPHONE_MAX),
    "inc_type": (0, entities.INC_TYPE_MAX),
    "company_number": (0, entities.COMPANY_NUMBER_MAX),
    "website": (0, entities.WEBSITE_MAX),
    "description": (0, entities.DESCRIPTION_MAX),
    "address": (0, entities.ADDRESS_MAX),
    "city": (0, entities.PLACE_MAX),
    "region": (0, entities.PLACE_MAX),
    "postal_code": (0, entities.POSTAL_CODE_MAX),
    "country": (0, entities.PLACE_MAX),
}
ADMIN_LENGTHS = {"name": (0, users.PERSON_NAME_MAX), "password": (1, PASSWORD_MAX)}

OF_A_USER = "a user has this address, and an admin's login is its own"

Lengths = Mapping[str, tuple[int, int]]
Problems = Iterator[tuple[str, str, str]]
"""The field, why it cannot be kept, and what stands there."""
Record = TypeVar("Record")


def refusals(seeds: Seeds, *, scale: int) -> Iterator[Finding]:
    """Every reason against every record; ``scale`` is the number of decimals of the unit."""
    shape, members = seeds.shape, seeds.members
    of_users = [(member.number, member.user) for member in members]
    of_entities = [(member.number, member.entity) for member in members]
    of_limits = [(member.number, member.limits) for member in members if member.limits]
    limits_problems = partial(_limits_problems, scale=scale)
    yield from _findings(shape, shape.users, of_users, _user_problems)
    yield from _repeated_emails(shape.users, of_users)
    yield from _findings(shape, shape.entities, of_entities, _entity_problems)
    yield from _findings(shape, shape.limits or "", of_limits, limits_problems)
    yield from _findings(shape, shape.tags, seeds.tags, _tag_problems)
    yield from _findings(shape, shape.categories, seeds.categories, _heading_problems)
    yield from _findings(shape, shape.admins, seeds.admins, _admin_problems)
    yield from _repeated_emails(shape.admins, seeds.admins)
    yield from _emails_of_users(seeds)


def without(seeds: Seeds, refused: Iterable[Finding]) -> Seeds:
    """The seeds that are left; a user, its entity and its limits stay or go together."""
    refused, shape = tuple(refused), seeds.shape
    members = numbers_in(refused, shape.users, shape.entities, shape.limits)
    tags, categories = numbers_in(refused, shape.tags), numbers_in(refused, shape.categories)
    admins = numbers_in(refused, shape.admins)
    return replace(
        seeds,
        members=tuple(member for member in seeds.members if member.number not in members),
        tags=tuple(pair for pair in seeds.tags if pair[0] not in tags),
        categories=tuple(pair for pair in seeds.categories if pair[0] not in categories),
        admins=tuple(pair for pair in seeds.admins if pair[0] not in admins),
    )


def _findings(
    shape: Shape,
    file: str,
    records: Iterable[tuple[int, Record]],
    problems: Callable[[Record], Problems],
) -> Iterator[Finding]:
    for number, record in records:
        for field, why, value in problems(record):
            yield Finding(file, number, shape.written(file, field), why, value)


def _repeated_emails(file: str, records: Iterable[tuple[int, User | Admin]]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for number, record in records:
        earlier = first.setdefault(_address(record.email).lower(), number)
        if earlier != number:
            what = "another record has this address"
            yield Finding(file, number, "email", what, f"{quoted(record.email)}, record {earlier}")


def _emails_of_users(seeds: Seeds) -> Iterator[Finding]:
    users = {_address(member.user.email).lower() for member in seeds.members}
    for number, admin in seeds.admins:
        if _address(admin.email).lower() in users:
            yield Finding(seeds.shape.admins, number, "email", OF_A_USER, quoted(admin.email))


def _address(email: str) -> str:
    try:
        return normal_email(email)
    except EmailNotValidError:
        return email


def _user_problems(user: User) -> Problems:
    yield from _said(email_problems("email", user.email), user.email)
    yield from _length_problems(user, USER_LENGTHS)


def _admin_problems(admin: Admin) -> Problems:
    yield from _said(email_problems("email", admin.email), admin.email)
    yield from _length_problems(admin, ADMIN_LENGTHS)


def _entity_problems(entity: Entity) -> Problems:
    yield from _length_problems(entity, ENTITY_LENGTHS)
    if entity.email:
        yield from _said(email_problems("email", entity.email), entity.email)
    if not 0 <= (entity.declared_turnover or 0) <= entities.TURNOVER_MAX:
        yield "declared_turnover", f"must be from 0 to {entities.TURNOVER_MAX}", ""
    for field, carried in (("offers", entity.offers), ("wants", entity.wants)):
        for tag in carried:
            yield from _tag_problems(tag, field=field)
        if len(distinct(carried)) > TAGS_MAX:
            yield field, f"at most {TAGS_MAX} tags", f"{len(distinct(carried))} of them"
    for name in entity.categories:
        yield from _heading_problems(Named(name=name), field="categories")


def _limits_problems(limits: Limits, *, scale: int) -> Problems:
    for field in ("max_neg_bal", "max_pos_bal"):
        units: Decimal = getattr(limits, field)
        if not 0 <= units <= Decimal(AMOUNT_MAX).scaleb(-scale):
            yield field, "must be zero or more, and no more than the books can hold", str(units)
        elif units != round(units, scale):
            yield field, f"has more than {scale} decimals", str(units)


def _tag_problems(tag: Named, *, field: str = "name") -> Problems:
    try:
        parse_tag(tag.name)
    except ValueError as error:
        yield field, str(error), quoted(tag.name)


def _heading_problems(heading: Named, *, field: str = "name") -> Problems:
    yield from _said(text.problems_of(field, heading.name, most=CATEGORY_MAX), heading.name)
    if not key_of(heading.name):
        yield field, "has no letter or digit", quoted(heading.name)


def _length_problems(record: object, lengths: Lengths) -> Problems:
    for field, (least, most) in lengths.items():
        value = getattr(record, field)
        shown = "" if field == "password" else value
        yield from _said(text.problems_of(field, value, least=least, most=most), shown)


def _said(problems: Iterable[Problem], value: str) -> Problems:
    for problem in problems:
        yield problem.path[0], problem.message, quoted(value) if value else ""
