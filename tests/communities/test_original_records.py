"""What is wrong with seed files is named: the file, the record and the field."""

from pathlib import Path

import pytest

from mccs_graphql.communities.original import Unreadable
from mccs_graphql.communities.original.reading import read_seeds
from mccs_graphql.communities.original.rules import refusals, without
from tests.communities.seed_files import (
    API_FILES,
    PROTOTYPE_FILES,
    Files,
    changed,
    write_files,
)

UNREADABLE = [
    ({"entity.json": None}, "there must be one of entity.json"),
    ({"business.json": []}, "there must be one of entity.json"),
    ({"tag.json": None}, "tag.json: cannot be read: No such file"),
    ({"tag.json": "[{]"}, "tag.json: is not JSON"),
    ({"tag.json": '[{"name": NaN}]'}, "tag.json: is not JSON: NaN is not a number"),
    ({"tag.json": "[" * 200_000}, "tag.json: is not JSON"),
    ({"tag.json": {}}, "tag.json: should be a list"),
    ({"tag.json": ["bread"]}, "tag.json, record 1: should be an object"),
    ({"balance_limit.json": []}, "balance_limit.json: has 0 records, but user.json has 2"),
]


@pytest.mark.parametrize(("files", "message"), UNREADABLE)
def test_broken_file_is_named(tmp_path: Path, files: Files, message: str) -> None:
    with pytest.raises(Unreadable) as raised:
        read_seeds(write_files(tmp_path, API_FILES | files))

    assert message in str(raised.value)


WRONG = [
    ("user.json", "email", None, "user.json, record 2, email: "),
    ("user.json", "password", 12345678, "user.json, record 2, password: "),
    ("user.json", "createdAt", "2020-05-01T09:00:00", "user.json, record 2, createdAt: "),
    ("user.json", "createdAt", "0001-01-01T00:00:00+05:00", "user.json, record 2, createdAt: "),
    ("entity.json", "status", "trading", "entity.json, record 2, status: "),
    ("entity.json", "declaredTurnover", 1.5, "entity.json, record 2, declaredTurnover: "),
    ("entity.json", "offers", [{"name": 1}], "entity.json, record 2, offers.0.name: "),
    ("entity.json", "categories", "Bakery", "entity.json, record 2, categories: "),
    ("balance_limit.json", "maxNegBal", "5", "balance_limit.json, record 2, maxNegBal: "),
    ("balance_limit.json", "maxPosBal", True, "balance_limit.json, record 2, maxPosBal: "),
]


@pytest.mark.parametrize(("file", "field", "value", "message"), WRONG)
def test_wrong_type_is_named_with_record_and_field(
    tmp_path: Path, file: str, field: str, value: object, message: str
) -> None:
    files = changed(API_FILES, file, 2, **{field: value})

    with pytest.raises(Unreadable) as raised:
        read_seeds(write_files(tmp_path, files))

    assert str(raised.value).startswith(message)


def test_wrong_type_is_named_as_the_prototype_names_it(tmp_path: Path) -> None:
    files = changed(PROTOTYPE_FILES, "business.json", 1, businessPhone=1632)

    with pytest.raises(Unreadable, match=r"business\.json, record 1, businessPhone: "):
        read_seeds(write_files(tmp_path, files))


def test_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="missing: is not a folder"):
        read_seeds(tmp_path / "missing")


MANY_TAGS = [{"name": f"tag {number}"} for number in range(11)]
REFUSED = [
    ("user.json", "email", "olu(at)ovens", "user.json, email"),
    ("user.json", "email", "VERA@weavers.example", "user.json, email"),
    ("user.json", "email", "o@" + "o" * 100 + ".example", "user.json, email"),
    ("user.json", "password", "", "user.json, password"),
    ("user.json", "firstName", "O" * 101, "user.json, firstName"),
    ("user.json", "lastName", "\0", "user.json, lastName"),
    ("user.json", "lastName", "\ud800", "user.json, lastName"),
    ("user.json", "telephone", "0" * 26, "user.json, telephone"),
    ("entity.json", "name", "", "entity.json, name"),
    ("entity.json", "name", "O" * 101, "entity.json, name"),
    ("entity.json", "email", "nowhere", "entity.json, email"),
    ("entity.json", "description", "O" * 501, "entity.json, description"),
    ("entity.json", "postalCode", "O" * 11, "entity.json, postalCode"),
    ("entity.json", "declaredTurnover", -1, "entity.json, declaredTurnover"),
    ("entity.json", "declaredTurnover", 2**63, "entity.json, declaredTurnover"),
    ("entity.json", "offers", MANY_TAGS, "entity.json, offers"),
    ("entity.json", "wants", [{"name": "?!"}], "entity.json, wants"),
    ("entity.json", "wants", [{"name": "w" * 51}], "entity.json, wants"),
    ("entity.json", "categories", [" "], "entity.json, categories"),
    ("balance_limit.json", "maxNegBal", -1, "balance_limit.json, maxNegBal"),
    ("balance_limit.json", "maxNegBal", 0.001, "balance_limit.json, maxNegBal"),
    ("balance_limit.json", "maxPosBal", 10**14, "balance_limit.json, maxPosBal"),
    ("tag.json", "name", "", "tag.json, name"),
    ("category.json", "name", "c" * 51, "category.json, name"),
]


@pytest.mark.parametrize(("file", "field", "value", "place"), REFUSED)
def test_record_that_breaks_a_rule_is_refused(
    tmp_path: Path, file: str, field: str, value: object, place: str
) -> None:
    files = changed(API_FILES, file, 2, **{field: value})

    (finding,) = refusals(read_seeds(write_files(tmp_path, files)), scale=2)

    assert f"{finding.file}, {finding.field}, {finding.number}" == f"{place}, 2"


def test_limit_of_hidden_size_is_refused(tmp_path: Path) -> None:
    limits = '[{"maxPosBal": 1E999999, "maxNegBal": 1E-999999}, {"maxPosBal": 1, "maxNegBal": 1}]'

    seeds = read_seeds(write_files(tmp_path, API_FILES | {"balance_limit.json": limits}))

    refused = [finding.field for finding in refusals(seeds, scale=2)]
    assert refused == ["maxNegBal", "maxPosBal"]


def test_refused_user_takes_entity_and_limits_along(tmp_path: Path) -> None:
    files = changed(API_FILES, "user.json", 2, email="nowhere")
    seeds = read_seeds(write_files(tmp_path, files))

    left = without(seeds, refusals(seeds, scale=2))

    assert [member.number for member in left.members] == [1]
