"""The one place that knows Piccolo's engine is global to the process.

Tables find their engine through `bind`, which a process calls once at start. Statements run on the transaction of the
running task or, outside one, on a pooled connection of their own.
"""

import asyncio
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from contextvars import ContextVar
from types import ModuleType
from typing import Any, Literal, Self

import asyncpg
from piccolo.engine.postgres import PostgresEngine
from piccolo.querystring import QueryString
from piccolo.table import Table

from chassis.persistence.errors import (
    DatabaseUnavailable,
    ForeignTransaction,
    NestedTransaction,
    NoTransaction,
    TransactionAborted,
    translate,
)
from chassis.persistence.metrics import PoolState
from chassis.persistence.observation import Observation
from chassis.persistence.settings import DatabaseSettings

_bound: "Engine | None" = None


class _Connection(asyncpg.Connection):
    """A pooled connection that spends no round trip on resetting itself: no code of ours changes session state."""

    def get_reset_query(self) -> str:
        return ""


class Transaction:
    """An open transaction. Belongs to the task that entered it."""

    __slots__ = ("_callbacks", "_owner", "_token", "closed", "connection", "engine")

    def __init__(self, engine: "Engine") -> None:
        self.engine = engine
        self.connection: Any = None
        self.closed = False
        self._owner: asyncio.Task[Any] | None = None
        self._token: Any = None
        self._callbacks: list[Callable[[], None]] = []

    @property
    def owned(self) -> bool:
        """Whether the running task is the one that entered it."""
        return self._owner is asyncio.current_task()

    def after_commit(self, callback: Callable[[], None]) -> None:
        """Call this once the transaction has been committed; never after a rollback."""
        self._callbacks.append(callback)

    async def __aenter__(self) -> Self:
        if self.engine.current() is not None:
            raise NestedTransaction("a transaction is already open in this task; pass it on instead of opening another")
        self.connection = await self.engine.acquire()
        try:
            await self.engine.run(self.connection, "BEGIN")
        except BaseException:
            await self.engine.release(self.connection)
            raise
        self._owner = asyncio.current_task()
        self._token = self.engine.open.set(self)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: object
    ) -> Literal[False]:
        self.engine.open.reset(self._token)
        self.closed = True
        try:
            if error is None:
                await self._commit()
            else:
                await self._roll_back()
        finally:
            await self.engine.release(self.connection)
        if error is None:
            for callback in self._callbacks:
                callback()
        return False

    async def _commit(self) -> None:
        outcome = await self.engine.run(self.connection, "COMMIT", execute=True)
        if outcome != "COMMIT":
            raise TransactionAborted("a failed statement was caught inside the transaction, so it was rolled back")

    async def _roll_back(self) -> None:
        # A connection that is gone has rolled back already; the error that led here matters more.
        try:
            await self.engine.run(self.connection, "ROLLBACK", execute=True)
        except DatabaseUnavailable:
            with suppress(asyncpg.InterfaceError):  # the pool may have taken it back already
                self.connection.terminate()  # half dead, it must not serve another


class Engine(PostgresEngine):
    """Piccolo's engine with a bounded pool, observed statements and translated errors.

    Attributes:
        takers: given what a commit wrote for them, by name, such as an outbox row for the relay.
    """

    def __init__(self, settings: DatabaseSettings) -> None:
        self.settings = settings
        self.takers: dict[str, Callable[[Any], None]] = {}
        super().__init__(config=settings.connect_arguments())
        # Of our own, since Piccolo asks nothing of its own that is not overridden here.
        self.open: ContextVar[Transaction | None] = ContextVar("transaction", default=None)

    async def check_version(self) -> None:
        """Not at construction, when the server may still be starting."""

    async def prep_database(self) -> None:
        """No extension is needed."""

    async def start(self) -> None:
        """Make the pool. No connection is opened, so a database that is away delays nothing."""
        self.pool = asyncpg.create_pool(
            **self.config, min_size=0, max_size=self.settings.pool_size, connection_class=_Connection
        )
        await self.pool

    async def stop(self, patience: float = 5.0) -> None:
        """Close the pool; connections still in use after `patience` seconds are cut."""
        if self.pool is None:
            return
        pool, self.pool = self.pool, None
        try:
            async with asyncio.timeout(patience):
                await pool.close()
        except TimeoutError:
            pool.terminate()

    def pool_state(self) -> PoolState | None:
        """The pool now, or None while there is none."""
        if self.pool is None:
            return None
        idle = self.pool.get_idle_size()
        return PoolState(self.pool.get_size() - idle, idle, self.pool.get_max_size())

    def current(self) -> Transaction | None:
        """The running task's open transaction.

        Raises:
            ForeignTransaction: it belongs to the task that started this one, and is still open.
        """
        current = self.open.get()
        if current is None or current.closed:
            return None
        if not current.owned:
            raise ForeignTransaction(
                "this task was started inside an open transaction of another task; start it after the commit"
            )
        return current

    async def acquire(self) -> Any:
        """A connection of the pool; give it back with `release`.

        Raises:
            DatabaseUnavailable: the database is away, or every connection stayed in use.
        """
        if self.pool is None:
            raise DatabaseUnavailable("The connection pool is closed.")
        try:
            return await self.pool.acquire(timeout=self.settings.acquire_timeout)
        except Exception as error:
            raise translate(error) or error from error

    async def release(self, connection: Any) -> None:
        """Give a connection back; one that broke meanwhile the pool may have taken back already."""
        if self.pool is None:
            connection.terminate()
            return
        with suppress(OSError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError, asyncpg.InternalClientError):
            await self.pool.release(connection)

    async def run(self, connection: Any, text: str, args: Sequence[Any] = (), *, execute: bool = False) -> Any:
        """Run one statement on a connection; rows, or with `execute` the server's command tag."""
        with Observation(text, self.settings):
            if execute:
                return await connection.execute(text)
            return await connection.fetch(text, *args)

    async def fetch(self, text: str, args: Sequence[Any] = ()) -> Any:
        """Run one statement in the open transaction, or else on its own; the rows."""
        current = self.current()
        if current is not None:
            return await self.run(current.connection, text, args)
        connection = await self.acquire()
        try:
            return await self.run(connection, text, args)
        finally:
            await self.release(connection)

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> Any:  # noqa: ARG002
        """Piccolo's way to run a statement with arguments."""
        return await self.fetch(*querystring.compile_string(engine_type=self.engine_type))

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> Any:  # noqa: ARG002
        """Piccolo's way to run a statement without arguments."""
        return await self.fetch(ddl)

    def transaction(self, allow_nested: bool = False) -> Transaction:  # type: ignore[override]  # noqa: ARG002
        """A new transaction; one inside another is refused."""
        return Transaction(self)


def bind(engine: PostgresEngine | None, configuration: ModuleType | None = None) -> None:
    """Make this the engine of every table of the process, of those imported later too; None unbinds.

    Args:
        engine: the engine.
        configuration: what Piccolo shall find as `piccolo_conf`; by default a module that holds the engine only.
    """
    global _bound  # noqa: PLW0603 - Piccolo's tables know no other way to their engine
    _bound = engine if isinstance(engine, Engine) else None
    for table in _descendants(Table):
        table._meta._db = engine  # noqa: SLF001
    sys.modules.pop("piccolo_conf", None)
    if engine is not None:
        module = configuration or ModuleType("piccolo_conf")
        module.DB = engine  # type: ignore[attr-defined]
        sys.modules["piccolo_conf"] = module


def bound() -> Engine:
    """The process's engine.

    Raises:
        DatabaseUnavailable: none is bound; the process is starting or stopping.
    """
    if _bound is None:
        raise DatabaseUnavailable("No database is connected.")
    return _bound


def transaction() -> Transaction:
    """One transaction of the process's database: committed at the end of the block, rolled back on any error.

    A task started inside the block does not take part; it is refused the database until the transaction has ended, so
    start it from `after_commit`. `asyncio.wait_for` starts a task: use `asyncio.timeout` inside the block.

    Raises:
        NestedTransaction: the task has one open already.
        DatabaseUnavailable: the database is away. Raised by the commit, the outcome is unknown.
        TransactionAborted: an error of a statement was swallowed inside the block.
    """
    return Transaction(bound())


def current_transaction() -> Transaction:
    """The running task's open transaction.

    Raises:
        NoTransaction: there is none.
    """
    current = bound().current()
    if current is None:
        raise NoTransaction("this must be called inside `async with transaction():`")
    return current


def after_commit(callback: Callable[[], None]) -> None:
    """Call this once the open transaction has been committed; never after a rollback."""
    current_transaction().after_commit(callback)


def _descendants(table: type[Table]) -> Iterator[type[Table]]:
    for child in table.__subclasses__():
        yield child
        yield from _descendants(child)
