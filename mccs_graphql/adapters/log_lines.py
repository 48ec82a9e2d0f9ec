"""The log, one line for each event: for people at a terminal, or as JSON for what collects it."""

import json
import logging
import re
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

import orjson

from mccs_graphql.reference import current_reference
from mccs_graphql.settings import LogFormat, Settings

_DETAIL = re.compile(r"^DETAIL: .*?(?=^\[SQL:|^HINT:|^\s*$|\Z)", re.DOTALL | re.MULTILINE)
"""What PostgreSQL adds to an error: the values of the row, an address of somebody among them."""
_QUIET = ("uvicorn", "asyncio", "alembic")
"""At INFO uvicorn names the address of each socket with its query, where a token may stand; what it
says of its start we say in our own words."""


def set_up(settings: Settings) -> None:
    """Let this process log to its standard error, and nowhere else."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(settings))
    logging.basicConfig(level=settings.log_level.upper(), handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # Not looked up for each line, as no line says them.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger().level))


def tell(log: logging.Logger, level: int, message: str, facts: Mapping[str, object]) -> None:
    """Log with facts of their own, and without looking up which line of code it was.

    For what is said with each request: looking that up takes longer than all the rest.
    """
    record = log.makeRecord(log.name, level, "", 0, message, (), None, extra={"facts": facts})
    log.handle(record)


class JsonLines(logging.Formatter):
    """Each event as one object on one line."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The line. The facts of an event come last, and hide none of its other entries."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": without_details(record.getMessage()),
        }
        if self._process:
            line["process"] = self._process
        if reference := _reference(record):
            line["request"] = reference
        if record.exc_info:
            line["exception"] = without_details(self.formatException(record.exc_info))
        return _json({**_facts(record), **line} if hasattr(record, "facts") else line)


class Lines(logging.Formatter):
    """Each event as people read it."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, and a traceback below it."""
        facts = (f"{name}={_plain(value)}" for name, value in _facts(record).items())
        said = [record.levelname, without_details(record.getMessage()), *facts]
        if reference := _reference(record):
            said.append(f"[{reference}]")
        lines = [" ".join(said)]
        if record.exc_info:
            lines.append(without_details(self.formatException(record.exc_info)))
        return "\n".join(lines)


def without_details(text: str) -> str:
    """The text of an error without the values of rows."""
    return _DETAIL.sub("", text) if "DETAIL: " in text else text


def _formatter(settings: Settings) -> logging.Formatter:
    wanted = settings.log_format
    if wanted is LogFormat.AUTO:
        wanted = LogFormat.TEXT if sys.stderr.isatty() else LogFormat.JSON
    return Lines() if wanted is LogFormat.TEXT else JsonLines(settings.process)


def _reference(record: logging.LogRecord) -> str:
    return getattr(record, "request", "") or current_reference()


def _facts(record: logging.LogRecord) -> Mapping[str, object]:
    facts: Mapping[str, object] = getattr(record, "facts", {})
    return facts


def _plain(value: object) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _json(line: Mapping[str, object]) -> str:
    try:
        return orjson.dumps(line).decode()
    except TypeError:  # half a character, which is no Unicode
        return json.dumps(line, default=str)
