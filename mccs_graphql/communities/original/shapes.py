"""The two generations of seed files: how files are called, and fields."""

from dataclasses import dataclass

from pydantic.alias_generators import to_camel


@dataclass(frozen=True)
class Shape:
    """What the files of one generation of the original are called, and what its fields were."""

    name: str
    users: str
    entities: str
    limits: str | None
    tags: str
    categories: str
    admins: str
    older_names: dict[str, str]

    @property
    def files(self) -> tuple[str, ...]:
        """Every file, in the order in which it is read and reported."""
        paired = (self.users, self.entities, self.limits)
        single = (self.tags, self.categories, self.admins)
        return tuple(file for file in (*paired, *single) if file is not None)

    def written(self, file: str, field: str) -> str:
        """What a field of ours, such as ``postal_code``, is called in ``file``."""
        name = to_camel(field)
        older = {new: old for old, new in self.older_names.items()}
        return older.get(name, name) if file == self.entities else name


API = Shape(
    name="mccs-alpha-api",
    users="user.json",
    entities="entity.json",
    limits="balance_limit.json",
    tags="tag.json",
    categories="category.json",
    admins="admin_user.json",
    older_names={},
)
PROTOTYPE = Shape(
    name="mccs-alpha (the prototype)",
    users="user.json",
    entities="business.json",
    limits=None,
    tags="tag.json",
    categories="admin_tag.json",
    admins="admin_user.json",
    older_names={
        "businessName": "name",
        "businessPhone": "telephone",
        "turnover": "declaredTurnover",
        "adminTags": "categories",
        "locationAddress": "address",
        "locationCity": "city",
        "locationRegion": "region",
        "locationPostalCode": "postalCode",
        "locationCountry": "country",
    },
)
