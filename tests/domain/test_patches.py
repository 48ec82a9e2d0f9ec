"""Patches: every field is read, and every problem named."""

import pytest

from mccs_graphql.domain.directory.profiles import entity_readers, user_readers
from mccs_graphql.domain.errors import InvalidInput
from mccs_graphql.domain.patches import read_patch

READERS = entity_readers("GB") | user_readers("GB")
NOT_TEXT = {
    "declared_turnover",
    "show_telephone",
    "show_declared_turnover",
    "show_tags_matched_since_last_login",
    "receive_daily_match_notification_email",
    "offers",
    "wants",
    "language",
}


@pytest.mark.parametrize("name", sorted(READERS.keys() - NOT_TEXT))
@pytest.mark.parametrize("text", ["a\0b", "a\ud800b", "x" * 10_000])
def test_no_field_takes_what_cannot_be_kept(name: str, text: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_patch({name: text}, READERS)

    assert refused.value.problems[0].path == (name,)


def test_half_characters_are_refused_in_tags() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_patch({"offers": ["bread", "a\ud800b"]}, READERS)

    (problem,) = refused.value.problems
    assert (problem.path, problem.code) == (("offers", "1"), "BAD_CHARACTER")


def test_null_clears_every_field_but_the_name() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_patch(dict.fromkeys(READERS), READERS)

    assert [problem.path for problem in refused.value.problems] == [("name",)]


def test_what_is_absent_is_not_read() -> None:
    assert read_patch({"city": " Eskerford "}, READERS) == {"city": "Eskerford"}
