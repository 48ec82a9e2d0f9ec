"""What is refused about statements."""

from dataclasses import dataclass

from mccs_graphql.domain.errors import Refusal


@dataclass(eq=False)
class StatementTooLong(Refusal):
    """The statement has more lines than are printed. Ask for less, or for CSV, which has no end."""

    code = "STATEMENT_TOO_LONG"
    message = "This statement is too long to be printed; ask for less at a time, or for CSV."
    path = ("to",)

    lines: int
    most: int
