"""Text that clients send: what PostgreSQL can keep, and no longer than its field."""

from collections.abc import Iterator, Mapping

from mccs_graphql.domain.errors import InvalidInput, Problem

SURROGATES = range(0xD800, 0xE000)


def problems_of(path: str, text: str, *, most: int, least: int = 0) -> Iterator[Problem]:
    """What is wrong with ``text``; ``most`` and ``least`` count characters."""
    if len(text) > most:
        yield Problem((path,), "TOO_LONG", f"At most {most} characters, not {len(text)}.")
    if len(text.strip()) < least:
        yield Problem((path,), "TOO_SHORT", f"At least {least} characters are needed.")
    if any(character == "\0" or ord(character) in SURROGATES for character in text):
        yield Problem((path,), "BAD_CHARACTER", "NUL and half characters cannot be kept.")


def problems_of_all(said: object, lengths: Mapping[str, tuple[int, int]]) -> Iterator[Problem]:
    """What is wrong with the texts that ``said`` has under these names: least and most of each."""
    for name, (least, most) in lengths.items():
        yield from problems_of(name, getattr(said, name), least=least, most=most)


def require(problems: Iterator[Problem]) -> None:
    """Raise InvalidInput with every problem, if there is any."""
    found = tuple(problems)
    if found:
        raise InvalidInput(problems=found)
