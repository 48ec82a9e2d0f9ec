"""Seed files as the original has them, with invented content, and what came of them."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from mccs_graphql.db.engine import Database
from mccs_graphql.db.models import Record

Files = dict[str, Any]

THEN = "2021-05-01T09:00:00.000Z"
EARLIER = "2020-05-01T09:00:00.000Z"

API_FILES: Files = {
    "user.json": [
        {
            "firstName": "Vera",
            "lastName": "Loom",
            "email": "Vera@weavers.example",
            "password": "warp & weft 1",
            "telephone": "+44 1632 960001",
            "createdAt": THEN,
        },
        {"email": "olu@ovens.example", "password": "sourdough 2!", "createdAt": THEN},
    ],
    "entity.json": [
        {
            "name": "Loom Room",
            "status": "tradingAccepted",
            "email": "shop@weavers.example",
            "telephone": "+44 1632 960002",
            "incType": "sole",
            "companyNumber": "none",
            "website": "https://weavers.example",
            "declaredTurnover": 12000,
            "description": "Cloth by the yard.",
            "address": "1 Mill Lane",
            "city": "Ravelby",
            "region": "Westmark",
            "postalCode": "RV1 1AA",
            "country": "England",
            "categories": ["Home Textiles"],
            "offers": [
                {"name": "Weaving", "createdAt": THEN},
                {"name": "weaving", "createdAt": EARLIER},
            ],
            "wants": [{"name": "Café crème", "createdAt": THEN}],
            "createdAt": THEN,
            "showTagsMatchedSinceLastLogin": True,
            "receiveDailyMatchNotificationEmail": True,
        },
        {"name": "Ovens of Olu", "status": "pending", "createdAt": THEN},
    ],
    "balance_limit.json": [
        {"maxPosBal": 100, "maxNegBal": 10.5},
        {"maxPosBal": 5, "maxNegBal": 0},
    ],
    "tag.json": [
        {"name": "weaving", "createdAt": THEN, "offerAddedAt": THEN},
        {"name": "mending", "createdAt": THEN},
        {"name": "mending", "createdAt": EARLIER},
    ],
    "category.json": [{"name": "home-textiles", "createdAt": THEN}, {"name": "car-repair"}],
    "admin_user.json": [
        {"email": "root@ravelby.example", "name": "root", "password": "keys 4 me!"}
    ],
}

PROTOTYPE_FILES: Files = {
    "user.json": [{"email": "ida@ink.example", "password": "password", "updatedAt": THEN}],
    "business.json": [
        {
            "businessName": "Ida's Ink",
            "businessPhone": "01632 960003",
            "turnover": 500,
            "adminTags": ["Print/Copy"],
            "locationAddress": "2 Press Row",
            "locationCity": "Ravelby",
            "locationRegion": "Westmark",
            "locationPostalCode": "RV1 1AB",
            "locationCountry": "England",
            "status": "accepted",
            "offers": [],
            "wants": [],
        }
    ],
    "tag.json": [],
    "admin_tag.json": [{"name": "Print/Copy"}],
    "admin_user.json": [{"email": "boss@ravelby.example", "password": "password", "roles": []}],
}


def write_files(folder: Path, files: Files) -> Path:
    """Write the files; what is text already is written as it is, None is left out."""
    for name, content in files.items():
        if content is not None:
            text = content if isinstance(content, str) else json.dumps(content)
            (folder / name).write_text(text)
    return folder


def changed(files: Files, name: str, number: int, /, **fields: Any) -> Files:
    """A copy of the files with other fields in record ``number``, from 1."""
    copy = deepcopy(files)
    copy[name][number - 1].update(fields)
    return copy


ALWAYS = {"audit_head", "scheduled_jobs"}


async def row_counts(database: Database) -> dict[str, int]:
    """How many rows each table has that has any, but for what is always there."""
    counts = {}
    async with database.reading() as session:
        for table in Record.metadata.sorted_tables:
            counts[table.name] = await session.scalar(select(func.count()).select_from(table)) or 0
    return {name: count for name, count in counts.items() if count and name not in ALWAYS}
