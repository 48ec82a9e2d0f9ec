"""Ids and cursors come back as they were given out; anything else is told apart without a crash."""

import base64
from datetime import UTC, datetime
from uuid import UUID, uuid4

import orjson
import pytest
from graphql import GraphQLError
from hypothesis import assume, given
from hypothesis import strategies as st

from mccs_graphql.schema.cursors import (
    decode_cursor,
    encode_cursor,
    identity,
    moment,
    position,
    text,
)
from mccs_graphql.schema.ids import NOBODY, IdPrefix, decode_id, encode_id, id_of

READERS = {"text": text, "moment": moment, "identity": identity, "position": position}
prefixes = st.sampled_from(IdPrefix)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
)


def assert_refused(cursor: str, *readers: str) -> None:
    """The documented error, and no other."""
    with pytest.raises(GraphQLError, match="not one that this list has given out") as refused:
        decode_cursor("kind", cursor, *(READERS[name] for name in readers))
    assert refused.value.extensions == {"code": "BAD_USER_INPUT"}


def wrapped(value: object) -> str:
    """What a forger would make of a JSON value."""
    return base64.urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()


class TestIds:
    @pytest.mark.parametrize(
        "tampered",
        [
            *(
                "",
                "_",
                "ent",
                "ent_",
                "tfr_x",
                "ent_" + "A" * 21,
                "ent_" + "A" * 23,
                "ENT_" + "A" * 22,
            ),
            *("ent_" + "A" * 22 + "==", "ent_ " + "A" * 22, "usr-" + "A" * 22, "ent_" + "é" * 22),
            *(
                "abc_" + "A" * 22,
                "ent_\0" + "A" * 22,
                "ent_" + "A" * 10_000,
                "\ud800",
                "\N{FULLWIDTH DIGIT ONE}" * 26,
            ),
        ],
    )
    def test_tampered_id_is_of_nobody(self, tampered: str) -> None:
        assert decode_id(tampered) is None
        assert id_of(IdPrefix.ENTITY, tampered) == NOBODY

    @given(anything=st.text())
    def test_any_text_is_of_nobody_or_given_out(self, anything: str) -> None:
        decoded = decode_id(anything)
        assert decoded is None or encode_id(*decoded) == anything

    @given(id_=st.uuids(), place=st.integers(0, 25), letter=st.characters())
    def test_changed_letter_never_means_the_same(self, id_: UUID, place: int, letter: str) -> None:
        given_out = encode_id(IdPrefix.ENTITY, id_)
        assume(given_out[place] != letter)
        assert id_of(IdPrefix.ENTITY, given_out[:place] + letter + given_out[place + 1 :]) != id_

    @given(id_=st.uuids(), prefix=prefixes, other=prefixes)
    def test_id_of_another_type_is_of_nobody(
        self, id_: UUID, prefix: IdPrefix, other: IdPrefix
    ) -> None:
        assume(prefix is not other)
        assert id_of(other, encode_id(prefix, id_)) == NOBODY

    @given(id_=st.uuids(), prefix=prefixes)
    def test_id_comes_back(self, id_: UUID, prefix: IdPrefix) -> None:
        assert decode_id(encode_id(prefix, id_)) == (prefix, id_)


class TestCursors:
    @given(anything=st.text())
    def test_any_text_is_refused(self, anything: str) -> None:
        assert_refused(anything, "text")

    @given(value=json, readers=st.lists(st.sampled_from([*READERS]), min_size=1, max_size=2))
    def test_any_json_is_refused(self, value: object, readers: list[str]) -> None:
        assert_refused(wrapped(value), *readers)

    @pytest.mark.parametrize(
        "forged",
        [
            ["other", "x"],
            ["kind"],
            ["kind", "x", "y"],
            ["kind", 5],
            ["kind", None],
            ["kind", ["x"]],
            ["kind", "\0"],
            {"kind": "x"},
        ],
    )
    def test_forged_text_is_refused(self, forged: object) -> None:
        assert_refused(wrapped(forged), "text")

    @pytest.mark.parametrize(
        ("reader", "value"),
        [
            *(
                ("position", value)
                for value in ["", "-1", "1.0", "٣", "\N{FULLWIDTH DIGIT ONE}", " 1", "9" * 19]
            ),
            *(("identity", value) for value in ["", "x", "0", "z" * 32]),
            *(("moment", value) for value in ["", "now", "2026-01-31T12:00:00", "2026-01-31"]),
        ],
    )
    def test_forged_position_is_refused(self, reader: str, value: str) -> None:
        assert_refused(wrapped(["kind", value]), reader)

    def test_deep_and_long_forgeries_are_refused(self) -> None:
        assert_refused(base64.urlsafe_b64encode(b"[" * 700).decode(), "text")
        assert_refused(wrapped(["kind", "x" * 100_000]), "text")

    @given(value=st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=100))
    def test_text_comes_back(self, value: str) -> None:
        id_ = uuid4()
        cursor = encode_cursor("kind", value, id_)
        assert decode_cursor("kind", cursor, text, identity) == (value, id_)

    @given(value=st.datetimes(timezones=st.just(UTC)), seq=st.integers(0, 10**18 - 1))
    def test_moment_and_position_come_back(self, value: datetime, seq: int) -> None:
        cursor = encode_cursor("kind", value, seq)
        assert decode_cursor("kind", cursor, moment, position) == (value, seq)
