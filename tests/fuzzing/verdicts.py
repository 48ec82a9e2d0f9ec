"""What an answer must be, whatever was asked."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import orjson

from tests.fuzzing.mutations import MUTATIONS, misfits
from tests.fuzzing.requests import Ready

STATUSES = {200, 400, 401, 403, 413, 429}
OURS = {"INTERNAL_SERVER_ERROR", "UNAVAILABLE", "TIMEOUT"}
"""Codes of what is our fault: no input may lead to them."""
ENTRIES = {"data", "errors", "extensions"}


def faults(
    calls: Sequence[Ready], *, status: int, body: bytes, secrets: Collection[str]
) -> Iterator[str]:
    """What is wrong with an answer to these calls."""
    if status not in STATUSES:
        yield f"status {status}"
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        yield "no JSON"
        return
    text = body.decode()
    yield from (f"tells the secret {secret}" for secret in secrets if secret in text)
    if not {"data", "errors"} & set(answer) or not set(answer) <= ENTRIES:
        yield f"has the entries {sorted(answer)}"
    yield from _faults_of_errors(answer.get("errors"))
    data = answer.get("data")
    if data is None and not answer.get("errors"):
        yield "nothing came of it, and no error says why"
    for number, call in enumerate(calls):
        if data and f"m{number}" in data:
            type_ = MUTATIONS[call.mutation].type
            yield from misfits(data[f"m{number}"], type_, depth=call.depth, at=call.mutation)


def _faults_of_errors(errors: Any) -> Iterator[str]:
    if errors == []:
        yield "has an empty list of errors"
    for error in errors or ():
        code = error.get("extensions", {}).get("code")
        if not error.get("message") or not isinstance(code, str):
            yield f"has an error without a message or a code: {error}"
        elif code in OURS:
            yield f"is our fault: {error}"


def results(calls: Sequence[Ready], answer: dict[str, Any]) -> dict[int, str | None]:
    """What became of each call that was carried out: a type, or None for an error.

    An error of a result that cannot be null ends the document: what follows is not carried out. Of
    a document that is refused as a whole, the first call stands for all.
    """
    data, errors = answer.get("data") or {}, answer.get("errors") or []
    failed = {error["path"][0] for error in errors if error.get("path")}
    keys = {number: f"m{number}" for number in range(len(calls))}
    carried_out: dict[int, str | None] = {
        number: (data.get(key) or {}).get("__typename")
        for number, key in keys.items()
        if key in data or key in failed
    }
    return carried_out or {0: None}
