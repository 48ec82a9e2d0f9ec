"""From a folder of seed files to records, or to the first thing that cannot be read."""

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from typing import Any, NoReturn, TypeVar

from pydantic import TypeAdapter, ValidationError

from mccs_graphql.communities.original.records import (
    Admin,
    Entity,
    Limits,
    Member,
    Named,
    Seeds,
    User,
)
from mccs_graphql.communities.original.shapes import API, PROTOTYPE, Shape

FILE_BYTES_MAX = 64 * 2**20
_Record = TypeVar("_Record", User, Entity, Limits, Named, Admin)
_Object = dict[str, Any]


@dataclass
class Unreadable(Exception):
    """A file is missing, broken or of another shape; nothing has been written."""

    file: str
    why: str
    number: int | None = None
    field: str = ""

    def __str__(self) -> str:
        record = "" if self.number is None else f", record {self.number}"
        field = f", {self.field}" if self.field else ""
        return f"{self.file}{record}{field}: {self.why}"


def read_seeds(folder: Path) -> Seeds:
    """Read and pair all files of ``folder``. Raises Unreadable; no rule is looked at yet."""
    shape = _shape_of(folder)
    objects = {file: _objects(folder / file) for file in shape.files}
    return Seeds(
        shape=shape,
        members=_members(shape, objects),
        tags=tuple(enumerate(_parsed(Named, shape, shape.tags, objects), 1)),
        categories=tuple(enumerate(_parsed(Named, shape, shape.categories, objects), 1)),
        admins=tuple(enumerate(_parsed(Admin, shape, shape.admins, objects), 1)),
        left_out=_left_out(shape, objects),
    )


def _shape_of(folder: Path) -> Shape:
    if not folder.is_dir():
        raise Unreadable(str(folder), "is not a folder that can be read")
    found = [shape for shape in (API, PROTOTYPE) if (folder / shape.entities).exists()]
    if len(found) == 1:
        return found[0]
    which = f"{API.entities} (newer shape) or {PROTOTYPE.entities} (prototype)"
    raise Unreadable(str(folder), f"there must be one of {which}, and not both")


def _objects(path: Path) -> list[_Object]:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise Unreadable(path.name, f"is larger than {FILE_BYTES_MAX // 2**20} MiB")
        text = path.read_text(encoding="utf-8-sig")
        found = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except OSError as error:
        raise Unreadable(path.name, f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise Unreadable(path.name, f"is not JSON: {error}") from error
    if not isinstance(found, list):
        raise Unreadable(path.name, "should be a list of records")
    for number, record in enumerate(found, 1):
        if not isinstance(record, dict):
            raise Unreadable(path.name, "should be an object", number)
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


def _members(shape: Shape, objects: dict[str, list[_Object]]) -> tuple[Member, ...]:
    users = _parsed(User, shape, shape.users, objects)
    entities = _parsed(Entity, shape, shape.entities, objects)
    _require_pairs(shape.entities, entities, shape.users, users)
    limits: list[Limits | None] = [None] * len(users)
    if shape.limits is not None:
        limits = [*_parsed(Limits, shape, shape.limits, objects)]
        _require_pairs(shape.limits, limits, shape.users, users)
    return tuple(map(Member, range(1, len(users) + 1), users, entities, limits))


def _require_pairs(file: str, records: list[Any], partner: str, partners: list[User]) -> None:
    if len(records) != len(partners):
        why = f"has {len(records)} records, but {partner} has {len(partners)}; they go in pairs"
        raise Unreadable(file, why)


def _parsed(
    kind: type[_Record], shape: Shape, file: str, objects: dict[str, list[_Object]]
) -> list[_Record]:
    reader = TypeAdapter(kind)
    newer = shape.older_names if file == shape.entities else {}
    parsed = []
    for number, record in enumerate(objects[file], 1):
        renamed = {newer.get(field, field): value for field, value in record.items()}
        try:
            parsed.append(reader.validate_python(renamed))
        except ValidationError as error:
            raise _unreadable(error, shape, file, number) from error
    return parsed


def _unreadable(error: ValidationError, shape: Shape, file: str, number: int) -> Unreadable:
    """The first thing that is wrong, in the words of the file."""
    first = error.errors(include_url=False)[0]
    field, *rest = first["loc"]
    place = ".".join((shape.written(file, str(field)), *map(str, rest)))
    return Unreadable(file, first["msg"], number, place)


def _left_out(shape: Shape, objects: dict[str, list[_Object]]) -> dict[str, tuple[str, ...]]:
    kinds = {
        shape.users: User,
        shape.entities: Entity,
        shape.limits: Limits,
        shape.tags: Named,
        shape.categories: Named,
        shape.admins: Admin,
    }
    left_out = {}
    for file, records in objects.items():
        known = {shape.written(file, field.name) for field in fields(kinds[file])}
        left_out[file] = tuple(sorted({name for record in records for name in record} - known))
    return {file: names for file, names in left_out.items() if names}
