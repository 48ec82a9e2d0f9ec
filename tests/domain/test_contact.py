"""The forms of e-mail, telephone and web addresses."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mccs_graphql.domain.contact import (
    email_problems,
    normal_telephone,
    telephone_problems,
    website_problems,
)
from mccs_graphql.settings import Settings


def codes(problems: Any) -> list[str]:
    return [problem.code for problem in problems]


class TestTelephone:
    @pytest.mark.parametrize(
        ("number", "region"),
        [
            ("", "GB"),
            ("12", "GB"),
            ("020 7946 0958", "FR"),
            ("+999 123456", "GB"),
            ("020 7946 0958 / 1", "FR"),
            ("ring me", "GB"),
        ],
    )
    def test_what_nobody_can_call_is_refused(self, number: str, region: str) -> None:
        found = codes(telephone_problems("telephone", number, region=region))

        assert found == ["NOT_A_TELEPHONE_NUMBER"]

    @pytest.mark.parametrize(
        ("number", "code"),
        [
            ("+44 20 7946 0958" + " " * 10, "TOO_LONG"),
            ("020 7946 0958\0", "BAD_CHARACTER"),
            ("\ud800", "BAD_CHARACTER"),
        ],
    )
    def test_what_cannot_be_kept_is_refused(self, number: str, code: str) -> None:
        assert codes(telephone_problems("telephone", number, region="GB")) == [code]

    @pytest.mark.parametrize(
        ("number", "region", "kept"),
        [
            ("020 7946 0958", "GB", "+44 20 7946 0958"),
            ("(020) 7946-0958", "GB", "+44 20 7946 0958"),
            ("+44 20 7946 0958", "FR", "+44 20 7946 0958"),
            ("01 23 45 67 89", "FR", "+33 1 23 45 67 89"),
            ("٠٢٠٧٩٤٦٠٩٥٨", "GB", "+44 20 7946 0958"),
            ("020 7946 0958 ext. 5", "GB", "+44 20 7946 0958 x5"),
        ],
    )
    def test_number_is_kept_in_its_international_form(
        self, number: str, region: str, kept: str
    ) -> None:
        assert codes(telephone_problems("telephone", number, region=region)) == []
        assert normal_telephone(number, region=region) == kept
        assert normal_telephone(kept, region="FR") == kept


class TestWebsite:
    @pytest.mark.parametrize("address", ["https://a.example", "HTTP://a.example:8080/b?c#d"])
    def test_page_on_the_web_is_one(self, address: str) -> None:
        assert codes(website_problems("website", address)) == []

    @pytest.mark.parametrize("address", ["a.example", "data:text/html,x", "http://u:p@a.example"])
    def test_anything_else_is_refused(self, address: str) -> None:
        assert codes(website_problems("website", address)) == ["NOT_A_WEB_ADDRESS"]


@given(st.text(st.characters(), max_size=60))
def test_any_text_is_judged_without_an_error(text: str) -> None:
    """Half characters too."""
    for problems in (
        email_problems("email", text),
        telephone_problems("telephone", text, region="GB"),
        website_problems("website", text),
    ):
        assert all(problem.code for problem in problems)


@pytest.mark.parametrize("region", ["", "gb", "UK", "GBR", "44"])
def test_region_without_telephones_is_refused(region: str) -> None:
    with pytest.raises(ValueError, match="two capital letters"):
        Settings(region=region, _env_file=None)
