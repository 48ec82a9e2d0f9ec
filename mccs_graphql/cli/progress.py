"""How far a long piece of work has come, shown on standard error."""

import sys
from time import monotonic

import click

TERMINAL_SECONDS = 0.2
"""A line that is written over again: as often as an eye can follow."""
LOG_SECONDS = 10.0
"""Lines that stay."""


class ProgressLine:
    """Shows what is being done, how much of it, how fast, and how long the rest will take."""

    def __init__(self) -> None:
        self._over = sys.stderr.isatty()
        self._what = ""
        self._began = self._shown = 0.0

    def __call__(self, what: str, done: int, of: int) -> None:
        now = monotonic()
        if what != self._what:
            self._what, self._began, self._shown = what, now, 0.0
        waited = TERMINAL_SECONDS if self._over else LOG_SECONDS
        if done == of or now - self._shown >= waited:
            self._shown = now
            self._say(line(what, done, of, seconds=now - self._began), last=done == of)

    def _say(self, text: str, *, last: bool) -> None:
        start, ends = ("\r\x1b[K", last) if self._over else ("", True)
        click.echo(f"{start}{text}", err=True, nl=ends)


def line(what: str, done: int, of: int, *, seconds: float) -> str:
    """For example ``Loading entities: 5,000 of 10,000, 2,500/s, 2 s left``."""
    said = f"{what}: {done:,} of {of:,}"
    if done == of:
        return f"{said} in {duration(seconds)}"
    if not done:
        return said
    return f"{said}, {done / seconds:,.0f}/s, {duration((of - done) * seconds / done)} left"


def duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"
