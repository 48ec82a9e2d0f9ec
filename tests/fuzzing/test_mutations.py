"""Every mutation with every kind of input: nothing breaks, nothing leaks, the books hold.

The normal run takes a small share; ``MCCS_FUZZ_EXAMPLES`` asks for more, and ``MCCS_FUZZ_SEED`` for
others.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as hypothesis_settings

from mccs_graphql.app import create_app
from mccs_graphql.context import Services
from mccs_graphql.schema.ids import IdPrefix
from mccs_graphql.settings import Settings
from tests.clients import GraphQLClient
from tests.fuzzing.fuzzing import Fuzzing
from tests.fuzzing.mutations import MUTATIONS
from tests.fuzzing.town import Town
from tests.fuzzing.values import Call, rounds

EXAMPLES = int(os.environ.get("MCCS_FUZZ_EXAMPLES", "1000"))
SEED = int(os.environ.get("MCCS_FUZZ_SEED", "1"))
SEARCH = hypothesis_settings(
    max_examples=-(-EXAMPLES // len(MUTATIONS)),
    deadline=None,
    database=None,
    # What a call leads to depends on those before it, so a call alone cannot be made smaller.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture
async def town(empty_settings: Settings) -> AsyncIterator[Town]:
    """A community of its own, behind an application that shows its errors as it does to clients."""
    app = create_app(empty_settings)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            services: Services = app.state.services
            founded = Town(services, GraphQLClient(http))
            await founded.found()
            yield founded


async def test_no_input_breaks_anything(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    fuzzing, loop = Fuzzing(town), asyncio.get_running_loop()

    @seed(SEED)
    @SEARCH
    @given(rounds())
    def search(calls: list[Call]) -> None:
        asyncio.run_coroutine_threadsafe(fuzzing.add(calls), loop).result()

    await asyncio.to_thread(search)
    await fuzzing.finish()

    with capsys.disabled():
        sys.stderr.write(f"\nseed {SEED}: {fuzzing.report()}\n")
    assert not fuzzing.faults, fuzzing.told()
    assert list(fuzzing.neglected()) == []
    assert set(town.known.ids) == set(IdPrefix), "ids of these kinds were never met: plant one"
