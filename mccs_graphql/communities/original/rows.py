"""From a plan to the rows that are written."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from mccs_graphql.communities.original import records
from mccs_graphql.communities.original.headings import key_of
from mccs_graphql.communities.original.plan import Plan
from mccs_graphql.communities.original.tagging import distinct
from mccs_graphql.db.models import (
    Account,
    Admin,
    AdminRole,
    Category,
    Entity,
    EntityCategory,
    EntityTag,
    Membership,
    Record,
    Tag,
    TagKind,
    User,
)
from mccs_graphql.db.models.record import uuid7
from mccs_graphql.domain.contact import normal_email
from mccs_graphql.domain.ledger.account_numbers import new_account_number
from mccs_graphql.domain.money import Money, to_money
from mccs_graphql.settings import Settings

Row = dict[str, Any]
Hashes = Mapping[records.User | records.Admin, str]
PROFILE = tuple(
    field.name
    for field in fields(records.Entity)
    if field.name not in {"categories", "offers", "wants", "created_at", "updated_at"}
)


@dataclass(frozen=True)
class Terms:
    """What new rows need beside their records; the limits are for entities that bring none."""

    now: datetime
    scale: int
    max_negative_balance: Money
    max_positive_balance: Money


def terms_of(settings: Settings, *, now: datetime) -> Terms:
    """The terms that the settings say."""
    scale = settings.unit_scale
    return Terms(
        now=now,
        scale=scale,
        max_negative_balance=to_money(settings.max_negative_balance, scale=scale),
        max_positive_balance=to_money(settings.max_positive_balance, scale=scale),
    )


def rows_of(plan: Plan, terms: Terms, hashes: Hashes) -> dict[type[Record], list[Row]]:
    """All rows by model, in the order in which their references allow to write them."""
    tags, headings = _tag_rows(plan, terms), _heading_rows(plan, terms)
    tag_ids = {**plan.existing.tags, **{row["name"]: row["id"] for row in tags}}
    heading_ids = {key_of(row["name"]): row["id"] for row in headings} | {
        key: category.id for key, category in plan.existing.headings.items()
    }
    rows: dict[type[Record], list[Row]] = {Tag: tags, Category: headings}
    rows[User] = [_admin_user_row(admin, terms, hashes) for _, admin in plan.new.admins]
    rows[Admin] = list(_admin_rows(plan, rows[User]))
    rows |= {model: [] for model in (Entity, Account, Membership, EntityTag, EntityCategory)}
    for member in plan.new.members:
        user, entity = _user_row(member.user, terms, hashes), _entity_row(member, terms)
        rows[User].append(user)
        rows[Entity].append(entity)
        rows[Account].append(_account_row(member, entity, terms))
        rows[Membership].append(_membership_row(user, entity))
        rows[EntityTag] += _entity_tag_rows(member, entity, tag_ids)
        rows[EntityCategory] += _entity_category_rows(member, entity, heading_ids)
    return rows


def _tag_rows(plan: Plan, terms: Terms) -> list[Row]:
    carried = [tag for member in plan.new.members for tag in member.entity.tags]
    listed = distinct(tag for _, tag in plan.new.tags)
    found = {**distinct(carried), **listed}
    return [
        {"id": uuid7(), "name": name, "created_at": created_at or terms.now}
        for name, created_at in found.items()
        if name not in plan.existing.tags
    ]


def _heading_rows(plan: Plan, terms: Terms) -> list[Row]:
    return [
        {"id": uuid7(), "name": heading.name, "created_at": heading.created_at or terms.now}
        for key, heading in plan.headings.items()
        if key not in plan.existing.headings
    ]


def _admin_user_row(admin: records.Admin, terms: Terms, hashes: Hashes) -> Row:
    first_name, _, last_name = admin.name.partition(" ")
    return {
        "id": uuid7(),
        "email": normal_email(admin.email),
        "password_hash": hashes[admin],
        "first_name": first_name,
        "last_name": last_name,
        "telephone": "",
        "created_at": admin.created_at or terms.now,
    }


def _admin_rows(plan: Plan, users: Iterable[Row]) -> Iterator[Row]:
    """A community without an owner gets the first one; the original knew one kind of admins."""
    for number, user in enumerate(users):
        first = number == 0 and not plan.existing.has_owner
        role = AdminRole.OWNER if first else AdminRole.ADMIN
        yield {"user_id": user["id"], "role": role, "created_at": user["created_at"]}


def _user_row(user: records.User, terms: Terms, hashes: Hashes) -> Row:
    return {
        "id": uuid7(),
        "email": normal_email(user.email),
        "password_hash": hashes[user],
        "first_name": user.first_name,
        "last_name": user.last_name,
        "telephone": user.telephone,
        "created_at": user.created_at or terms.now,
    }


def _entity_row(member: records.Member, terms: Terms) -> Row:
    entity, created_at = member.entity, member.entity.created_at or terms.now
    return {name: getattr(entity, name) for name in PROFILE} | {
        "id": uuid7(),
        "name": entity.name.strip(),
        "email": normal_email(entity.email or member.user.email),
        "created_at": created_at,
        "updated_at": entity.updated_at or created_at,
    }


def _account_row(member: records.Member, entity: Row, terms: Terms) -> Row:
    limits = member.limits
    negative, positive = terms.max_negative_balance, terms.max_positive_balance
    if limits is not None:
        negative = Money(int(limits.max_neg_bal.scaleb(terms.scale)))
        positive = Money(int(limits.max_pos_bal.scaleb(terms.scale)))
    return {
        "entity_id": entity["id"],
        "account_number": new_account_number(),
        "max_negative_balance": negative,
        "max_positive_balance": positive,
        "created_at": entity["created_at"],
    }


def _membership_row(user: Row, entity: Row) -> Row:
    created_at = max(user["created_at"], entity["created_at"])
    return {"user_id": user["id"], "entity_id": entity["id"], "created_at": created_at}


def _entity_tag_rows(
    member: records.Member, entity: Row, tag_ids: Mapping[str, UUID]
) -> Iterator[Row]:
    kinds = ((TagKind.OFFER, member.entity.offers), (TagKind.WANT, member.entity.wants))
    for kind, carried in kinds:
        for name, created_at in distinct(carried).items():
            yield {
                "entity_id": entity["id"],
                "kind": kind,
                "tag_id": tag_ids[name],
                "created_at": created_at or entity["created_at"],
            }


def _entity_category_rows(
    member: records.Member, entity: Row, heading_ids: Mapping[str, UUID]
) -> Iterator[Row]:
    for key in dict.fromkeys(map(key_of, member.entity.categories)):
        yield {"entity_id": entity["id"], "category_id": heading_ids[key]}
