"""What docs/webhooks.md shows receivers verifies what we send."""

import json
import re
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mccs_graphql.domain.webhooks.signing import new_secret, shown, signature

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"type": "webhook.ping", "data": {"name": "Bäckerei"}}'.encode()
Verify = Callable[[str, dict[str, str], bytes], bool]


def example(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    code: str = found
    return code


def python_verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    shown_there: dict[str, Any] = {}
    exec(example("python"), shown_there)  # noqa: S102 - it is our own page
    answer: bool = shown_there["verify"](secret, headers, body)
    return answer


def node_verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
    node = shutil.which("node")
    if node is None:
        pytest.skip("There is no Node here.")
    given = ", ".join(json.dumps(each) for each in (secret, headers, body.decode()))
    code = f"{example('js')}\nconsole.log(verify({given}));"
    command = [node, "--input-type=module", "-"]
    answer = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
    return answer.stdout.strip() == "true"


@pytest.mark.parametrize("verify", [python_verify, node_verify])
def test_example_tells_what_is_ours(verify: Verify) -> None:
    old, new, now = new_secret(), new_secret(), int(time.time())
    signatures = [
        signature(each, message_id="evt_1", timestamp=now, body=BODY) for each in (new, old)
    ]
    headers = {
        "webhook-id": "evt_1",
        "webhook-timestamp": str(now),
        "webhook-signature": " ".join(signatures),
    }

    assert verify(shown(old), headers, BODY)
    assert verify(shown(new), headers, BODY)
    assert not verify(shown(new_secret()), headers, BODY)
    assert not verify(shown(new), headers, BODY + b" ")
    assert not verify(shown(new), headers | {"webhook-id": "evt_2"}, BODY)
    assert not verify(shown(new), headers | {"webhook-timestamp": str(now - 400)}, BODY)
