"""A Redis that a test may stop and start."""

from contextlib import ExitStack
from pathlib import Path

from mccs_graphql.embedded import servers


class OwnRedis:
    """A Redis under the test's control, always at the same address."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.url = ""

    def start(self) -> None:
        """Start it, again at the same address."""
        self.url = self._stack.enter_context(servers(self._folder, postgres=False)).redis_url

    def stop(self) -> None:
        """Stop it."""
        self._stack.close()
