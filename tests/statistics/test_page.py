"""The page about the figures shows the SQL that is run."""

import re
from pathlib import Path

from mccs_graphql.db.queries.statistics import STATEMENTS

PAGE = Path(__file__).parents[2] / "docs" / "statistics.md"
SECTIONS = re.compile(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```sql\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def test_page_shows_each_statement_as_it_is_run() -> None:
    shown = dict(SECTIONS.findall(PAGE.read_text()))

    assert shown == {heading: f"{sql.strip()}\n" for heading, sql in STATEMENTS.items()}
