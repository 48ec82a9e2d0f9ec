"""A statement as a page for browsers, which prints well."""

import base64
from functools import cache
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup

from mccs_graphql.papers.statement import PACKAGE, Paper, environment


@cache
def style() -> str:
    """The style sheet, which is in the page: it loads nothing."""
    return (files(PACKAGE) / "templates" / "statement.css").read_text("utf-8")


@cache
def policy() -> str:
    """The content security policy of the page: this style sheet, and nothing else whatever."""
    digest = base64.b64encode(sha256(style().encode()).digest()).decode()
    parts = ("default-src 'none'", f"style-src 'sha256-{digest}'")
    closed = ("base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'")
    return "; ".join((*parts, *closed))


def to_html(paper: Paper) -> str:
    """The whole page."""
    template = environment(paper.language).get_template("statement.html")
    sheet = Markup(style())  # noqa: S704 - our own file
    told = {name: getattr(paper, name) for name in Paper.__dataclass_fields__}
    return template.render(**told | {"language": paper.language.value, "style": sheet})
