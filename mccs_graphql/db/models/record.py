"""What every mapped model shares: types, names of constraints, time-ordered ids."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Enum, Index, MetaData, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeEngine
from uuid_utils.compat import uuid7

__all__ = ["Created", "Id", "Record", "SortName", "Texts", "gin_index", "one_of", "uuid7"]

SORT_NAME_MAX = 500

Id = Annotated[UUID, mapped_column(primary_key=True, default=uuid7)]
Created = Annotated[datetime, mapped_column(server_default=func.now())]
SortName = Annotated[str, mapped_column(String(SORT_NAME_MAX, collation="C"))]
"""A name in the form by which it is sorted: the same order on every server."""
Texts = Annotated[list[str], mapped_column(ARRAY(Text))]


def one_of(values: type[StrEnum], *, name: str) -> Enum:
    """A text column that PostgreSQL keeps to ``values``: readable, and easy to extend."""
    return Enum(
        values,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=31,
        values_callable=lambda members: [member.value for member in members],
    )


def gin_index(name: str, column: str, *, where: str | None = None) -> Index:
    """An index for arrays, without the pending list that every search would have to read."""
    return Index(
        name,
        column,
        postgresql_using="gin",
        postgresql_with={"fastupdate": "off"},
        postgresql_where=text(where) if where else None,
    )


class Record(DeclarativeBase):
    """A row. Relationships are absent on purpose: related rows come through loaders."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[type, TypeEngine[Any]]] = {
        int: BigInteger(),
        datetime: DateTime(timezone=True),
    }
