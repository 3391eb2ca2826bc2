"""The life of a process's database connection: start, check, stop."""

from types import TracebackType
from typing import Self

from chassis.errors import Unavailable
from chassis.persistence.engine import Engine, bind
from chassis.persistence.metrics import PoolCollector
from chassis.persistence.probe import Probe
from chassis.persistence.settings import DatabaseSettings


class Database:
    """The process's own database. Between `start` and `stop` every Piccolo table of the process is bound to it."""

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self._engine = Engine(settings)
        self._probe = Probe(settings)
        self._collector = PoolCollector(self._engine.pool_state)

    @property
    def engine(self) -> Engine:
        """The engine that the tables use."""
        return self._engine

    async def start(self) -> None:
        """Bind the tables and open the first connection. A database that is away is no error: readiness tells."""
        await self._engine.start()
        bind(self._engine)
        self._collector.register()
        try:
            await self._engine.fetch("SELECT 1")
        except Unavailable:
            return

    async def stop(self, patience: float = 5.0) -> None:
        """Unbind the tables and close the connections; those still in use after `patience` seconds are cut."""
        self._collector.unregister()
        bind(None)
        self._probe.close()
        await self._engine.stop(patience)

    async def ping(self) -> None:
        """Readiness: one round trip on a connection of its own, so that a busy pool is not taken for a database gone.

        Raises:
            Unavailable: the database cannot be reached.
        """
        await self._probe.ask()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
