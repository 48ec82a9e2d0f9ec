"""Values that nobody means well with."""

from typing import Any

TEXTS = (
    *("", " ", "\t\n", "\0", "a\0b", "\x1b[31m", "\x7f", "\u0085", "\u2028", "\ufeff", "\ufffe"),
    *("\u202edrawkcab", "\u200f\u200e", "\u200b", "e\u0301" * 20, "\U0001f469\u200d\U0001f33e"),
    *("\N{FULLWIDTH DIGIT ONE}" * 16, "٣٤", "\u0130\u0131", "ﬃ", "ß" * 50, "\U0010ffff"),
    *("x" * 50, "x" * 51, "x" * 100, "x" * 101, "x" * 500, "x" * 501, "x" * 2001, "x" * 10_000),
    *("a b " * 400, "\u0300" * 3000, "(" * 1000, "-" * 300, "'" * 300, "\\" * 300, "%" * 300),
    *("'; DROP TABLE users; --", '"; --', "%s%n", "{0.__class__}", "${jndi:ldap://x}", "$1", "$$"),
    *("../../etc/passwd", "<script>alert(1)</script>", "{{7*7}}", "a\r\nBcc: b@example.com"),
    *("null", "undefined", "NaN", "-0", "1e400", "0x10", "true", "[]", "{}", "&|!():*", ":*"),
    *("a@b", "a@@example.com", '"a b"@example.com', "ä@exämple.com", "a@[127.0.0.1]", "@", "a@b."),
    *("xn--a@xn--a.com", "a" * 64 + "@example.com", "a@" + "b" * 63 + ".com", "a@example.com\n"),
    *("http://", "https://[::1", "https://[::1]/", "http://a:b@c.example", "javascript:alert(1)"),
    *("http://\u202e.example", "https://xn--.example", "https://a.example:99999", "//a.example"),
    *("+44 20 7946 0958", "+", "++44", "tel:+442079460958;ext=1", "+1" * 12, "0000000000000"),
    *("4111111111111111", "4" * 16, "ent_", "ent_AAAA", "_", "tfr_" + "A" * 22, "usr_" + "_" * 22),
)
"""Texts at and past every length that the schema names, and what parsers stumble over."""

DAMAGES: tuple[Any, ...] = (
    *(
        None,
        True,
        False,
        0,
        -1,
        1.5,
        1e300,
        -0.0,
        2**31,
        -(2**31) - 1,
        2**63,
        2**64,
        10**30,
        10**400,
    ),
    *(
        float("nan"),
        float("inf"),
        [],
        {},
        [None],
        [[]],
        [[[[None]]]],
        {"": None},
        {"id": {"id": {}}},
    ),
    *("", "x", "\0", "\ud800", "a\udfff", "\u202e", "x" * 10_000, ["x"] * 200, ["x"] * 1100),
    *(
        "1.234",
        "1e5",
        "NaN",
        "-0.001",
        "1" * 400,
        "OUT",
        "SIDEWAYS",
        "__proto__",
        {"__typename": 1},
    ),
    *("2026-13-45T99:99:99Z", "00000000-0000-0000-0000-00000000000g", {"a" * 300: "b"}),
)
"""What stands where something else belongs; half characters and the like are no JSON at all."""
UNKNOWN_FIELD = "colour"
