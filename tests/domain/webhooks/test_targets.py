"""Where webhooks may lead."""

from ipaddress import ip_address

import pytest

from mccs_graphql.domain.webhooks.targets import Target, is_public, problems_of_url, read_url


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.1.2.3", "127.0.0.1", "127.8.9.1", "169.254.169.254", "172.16.0.1"),  # noqa: S104
        *("192.168.1.1", "100.64.0.1", "192.0.0.1", "198.18.0.1", "203.0.113.1", "224.0.0.1"),
        *("239.1.2.3", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("::", "::1", "fe80::1", "fc00::1", "fd12::1", "ff02::1", "ff0e::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1"),
        *("64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1", "2001::1"),
        *("100::1", "fec0::1"),
    ],
)
def test_address_inside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "2606:4700::1", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808"],
)
def test_address_of_the_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("", "NOT_A_URL"),
        ("shop.example/hook", "NOT_A_URL"),
        ("ftp://shop.example/", "NOT_A_URL"),
        ("file:///etc/passwd", "NOT_A_URL"),
        ("https:///hook", "NOT_A_URL"),
        ("https://user@shop.example/", "NOT_A_URL"),
        ("https://@shop.example/", "NOT_A_URL"),
        ("https://shop.example/#top", "NOT_A_URL"),
        ("https://shop.example/a b", "NOT_A_URL"),
        ("https://shop.example/a\r\nX: y", "NOT_A_URL"),
        ("https://shop.example\\@10.0.0.1/", "NOT_A_URL"),
        ("https://bäckerei.example/", "NOT_A_URL"),
        ("https://shop.example:0/", "NOT_A_URL"),
        ("https://shop.example:99999/", "NOT_A_URL"),
        ("https://[fe80::1%25eth0]/", "NOT_A_URL"),
        ("https://[::1", "NOT_A_URL"),
        ("http://shop.example/", "NOT_HTTPS"),
        ("https://shop.example:22/", "BAD_PORT"),
        ("https://shop.example:80/", "BAD_PORT"),
        ("https://10.0.0.1/", "NOT_PUBLIC"),
        ("https://[::1]/", "NOT_PUBLIC"),
        ("https://[::ffff:127.0.0.1]/", "NOT_PUBLIC"),
        ("https://localhost/", "NOT_PUBLIC"),
        ("https://shop.localhost/", "NOT_PUBLIC"),
        ("https://intranet/", "NOT_PUBLIC"),
        (f"https://shop.example/{'x' * 500}", "TOO_LONG"),
    ],
)
def test_url_that_may_not_be(url: str, code: str) -> None:
    assert code in [problem.code for problem in problems_of_url(url, private=False)]


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hook?key=1&x=%20",
        "HTTPS://SHOP.example:8443",
        "https://xn--bckerei-5wa.example/",
        "https://8.8.8.8/",
        "https://[2606:4700::1]:8443/hook",
    ],
)
def test_url_that_may_be(url: str) -> None:
    assert list(problems_of_url(url, private=False)) == []


def test_own_machine_may_be_only_where_that_is_allowed_and_nothing_else_is() -> None:
    assert list(problems_of_url("http://127.0.0.1:80/", private=True)) == []
    for url in ("http://127.0.0.1/", "https://127.0.0.1/"):
        assert list(problems_of_url(url, private=False))
    assert list(problems_of_url("https://10.0.0.1/", private=True))
    assert list(problems_of_url("http://shop.example/", private=True))


def test_url_is_taken_apart_as_it_is_called() -> None:
    found = read_url("https://[2606:4700::1]:8443?key=1")

    assert found == Target(secure=True, host="2606:4700::1", port=8443, path="/?key=1")
    assert found.authority == "[2606:4700::1]:8443"
    assert read_url("https://Shop.example:443/x").authority == "shop.example"
