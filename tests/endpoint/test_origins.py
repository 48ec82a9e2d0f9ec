"""Front ends that are served from elsewhere."""

import httpx
import pytest
import websockets
from websockets.typing import Origin

from mccs_graphql.app import create_app
from mccs_graphql.settings import Settings
from tests.clients import PROTOCOL, serving

OURS, FOREIGN = Origin("https://app.example.org"), Origin("https://evil.example.org")


@pytest.mark.parametrize(("origin", "allowed"), [(FOREIGN, None), (OURS, OURS)])
async def test_only_named_origins_may_read_answers(
    settings: Settings, origin: str, allowed: str | None
) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    asked = {"origin": origin, "access-control-request-method": "POST"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        preflight = await http.options("/graphql", headers=asked)

    assert preflight.headers.get("access-control-allow-origin") == allowed


async def test_only_named_origins_may_open_a_socket(settings: Settings) -> None:
    app = create_app(settings.model_copy(update={"allowed_origins": OURS}))
    async with app.router.lifespan_context(app), serving(app) as address:
        url = f"ws://{address}/graphql"
        async with websockets.connect(url, origin=OURS, subprotocols=[PROTOCOL]) as opened:
            assert opened.subprotocol == PROTOCOL
        with pytest.raises(websockets.InvalidStatus, match="403"):
            await websockets.connect(url, origin=FOREIGN, subprotocols=[PROTOCOL])
