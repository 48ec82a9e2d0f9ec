"""Which tags are alike enough to match."""

import pytest

from mccs_graphql.domain.directory.kin import kinship
from mccs_graphql.domain.directory.likeness import Quality


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("car", "carpentry"),
        ("art", "artisan"),
        ("age", "storage"),
        ("soup", "soap"),
        ("massage", "message"),
        ("house painting", "house printing"),
        ("fresh bread", "bread ovens"),
        ("bread", ""),
        ("bread", "flour"),
    ],
)
def test_other_words_are_no_kin(one: str, other: str) -> None:
    assert (kinship(one, other), kinship(other, one)) == (None, None)


@pytest.mark.parametrize(
    ("one", "other", "quality"),
    [
        ("cafe", "cafe", Quality.EXACT),
        ("fresh bread", "bread fresh", Quality.EXACT),
        ("cake", "cakes", Quality.PREFIX),
        ("garden", "gardening", Quality.PREFIX),
        ("bread", "bread ovens", Quality.PREFIX),
        ("bread", "rye bread", Quality.INSIDE),
        ("vegetable", "organic vegetables", Quality.INSIDE),
        ("book keeping", "bookkeeping", Quality.INSIDE),
        ("loaf", "loaves", Quality.SIMILAR),
        ("vegetables", "vegtables", Quality.SIMILAR),
    ],
)
def test_kinship_is_the_same_from_both_sides(one: str, other: str, quality: Quality) -> None:
    assert (kinship(one, other), kinship(other, one)) == (quality, quality)
