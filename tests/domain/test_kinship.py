"""Which tags are alike enough to match."""

import pytest

from mccs_graphql.domain.directory.kin import kinship
from mccs_graphql.domain.directory.likeness import MatchQuality


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
        ("cafe", "cafe", MatchQuality.EXACT),
        ("fresh bread", "bread fresh", MatchQuality.EXACT),
        ("cake", "cakes", MatchQuality.PREFIX),
        ("garden", "gardening", MatchQuality.PREFIX),
        ("bread", "bread ovens", MatchQuality.PREFIX),
        ("bread", "rye bread", MatchQuality.INSIDE),
        ("vegetable", "organic vegetables", MatchQuality.INSIDE),
        ("book keeping", "bookkeeping", MatchQuality.INSIDE),
        ("loaf", "loaves", MatchQuality.SIMILAR),
        ("vegetables", "vegtables", MatchQuality.SIMILAR),
    ],
)
def test_kinship_is_the_same_from_both_sides(one: str, other: str, quality: MatchQuality) -> None:
    assert (kinship(one, other), kinship(other, one)) == (quality, quality)
