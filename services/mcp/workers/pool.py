"""The pool of warm, killable worker processes that run the pure tools."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from libs.core.resource import Resource
from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolResult
from services.mcp.workers.fork_server import ForkServer, ForkServerLost, WorkerProcess
from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.protocol import MAX_REPLY_BYTES, MAX_REQUEST_BYTES, REPLY, Failure, encode_call

_PLAIN = AnswerStyle()


@dataclass(frozen=True, slots=True)
class CallContext:
    """Context of a call: its tenant, a document, and `timeout_s` for waiting and running together.

    `timeout_s` None means the pool's limit.
    """

    tenant: str = ""
    document: bytes = field(default=b"", repr=False)
    timeout_s: float | None = None


_NO_CONTEXT = CallContext()


@dataclass(frozen=True, slots=True)
class PoolLimits:
    """Limits of a pool; times in seconds, frames of workers in bytes."""

    workers: int = 2
    waiting: int = 64
    call_s: float = 3.0
    start_s: float = 60.0  # ends a hang: a start takes a second, or many where cores are shared
    calls_per_worker: int = 10_000
    request_bytes: int = MAX_REQUEST_BYTES
    reply_bytes: int = MAX_REPLY_BYTES
    process: ProcessLimits = field(default_factory=ProcessLimits)


@dataclass(frozen=True, slots=True)
class PoolState:
    """State of a pool for health checks and metrics. `killed` counts workers that ended in the middle of a call."""

    workers: int
    alive: int
    busy: int
    waiting: int
    forked: int
    killed: int
    network_off: bool
    files_off: bool
    isolation_note: str
    user_id: int | None


class WorkerPool(Resource):
    """Runs tools in workers: `async with WorkerPool() as pool: await pool.invoke("calculate", {...})`.

    A call that is cancelled, times out or breaks its worker costs that worker. The fork server then forks a new one for
    the next call.
    """

    def __init__(self, limits: PoolLimits | None = None, program: str = "services.mcp.tools.pure.quick_worker") -> None:
        self._limits = limits or PoolLimits()
        self._program = program
        self._turns = FairSemaphore(self._limits.workers, self._limits.waiting)
        self._starting = asyncio.Lock()
        self._template: ForkServer | None = None
        self._idle: list[WorkerProcess] = []
        self._busy: set[WorkerProcess] = set()
        self._forked = self._killed = 0
        self._open = False

    async def _enter(self, stack: AsyncExitStack) -> None:
        """Start the fork server and all workers. Raises ToolError(worker_lost) if processes cannot be started."""
        self._open = True
        stack.push_async_callback(self._stop)
        for _ in range(self._limits.workers):
            self._idle.append(await self._fork())

    def describe(self) -> PoolState:
        ready = self._template.ready if self._template else None
        return PoolState(
            workers=self._limits.workers,
            alive=sum(not worker.has_ended for worker in (*self._idle, *self._busy)),
            busy=len(self._busy),
            waiting=self._turns.waiting,
            forked=self._forked,
            killed=self._killed,
            network_off=ready is not None and ready.network_off,
            files_off=ready is not None and ready.files_off,
            isolation_note=ready.note if ready else "no worker process",
            user_id=ready.user_id if ready else None,
        )

    async def invoke(
        self, tool: str, args: Arguments, *, style: AnswerStyle = _PLAIN, context: CallContext = _NO_CONTEXT
    ) -> ToolResult:
        """Run one tool. `context.timeout_s` cannot raise the pool's own limit.

        Raises ToolError: the tool's own refusals, and busy, timeout, worker_lost. Tools are pure: may be repeated.
        """
        budget_s = self._limits.call_s if context.timeout_s is None else min(context.timeout_s, self._limits.call_s)
        deadline = asyncio.get_running_loop().time() + budget_s
        async with self._slot(context.tenant, deadline):  # a waiting call copies nothing
            request = encode_call(tool, args, style, self._limits.request_bytes, attached=bool(context.document))
            async with self._borrowed() as worker:
                reply = await self._reply(worker, request, context.document, deadline)
        if isinstance(reply, Failure):
            raise ToolError(reply.code, reply.message)
        return reply

    @asynccontextmanager
    async def _slot(self, tenant: str, deadline: float) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout_at(deadline):
                await self._turns.acquire(tenant)
        except TooManyWaiters as error:
            raise ToolError("busy", f"waiting calls: the limit is {self._limits.waiting:,}") from error
        except TimeoutError as error:
            raise ToolError("busy", "no worker became free in time") from error
        try:
            yield
        finally:
            self._turns.release(tenant)

    @asynccontextmanager
    async def _borrowed(self) -> AsyncIterator[WorkerProcess]:
        """Acquire a worker. It becomes idle again only after a whole reply; anything else ends it."""
        worker = self._idle_worker() or await self._fork()
        self._busy.add(worker)
        try:
            yield worker
        except BaseException:
            self._killed += 1
            self._retire(worker)
            raise
        if worker.calls >= self._limits.calls_per_worker:
            self._retire(worker)
        elif worker in self._busy:
            self._busy.remove(worker)
            self._idle.append(worker)

    async def _reply(
        self, worker: WorkerProcess, request: bytes, document: bytes, deadline: float
    ) -> ToolResult | Failure:
        try:
            async with asyncio.timeout_at(deadline):
                return REPLY.validate_json(await worker.call(request, document, self._limits.reply_bytes))
        except TimeoutError as error:
            raise ToolError("timeout", f"wall time of a call: the limit is {self._limits.call_s:g} s") from error
        except (OSError, EOFError, ValueError) as error:
            raise ToolError("worker_lost", "the worker ended: it broke its CPU or memory limit, or crashed") from error

    def _idle_worker(self) -> WorkerProcess | None:
        while self._idle:
            worker = self._idle.pop()
            if not worker.has_ended:
                return worker
            worker.kill()
        return None

    def _retire(self, worker: WorkerProcess) -> None:
        if worker in self._busy:  # else the pool was stopped meanwhile
            self._busy.remove(worker)
            worker.kill()

    async def _fork(self) -> WorkerProcess:
        """Fork a worker, from a new fork server if the old one is gone. Raises ToolError(worker_lost)."""
        async with self._starting:
            if not self._open:
                raise ToolError("worker_lost", "the worker pool is stopped")
            try:
                worker = await self._fork_or_restart()
            except ForkServerLost as error:
                raise ToolError("worker_lost", "no worker process can be started") from error
        self._forked += 1
        return worker

    async def _fork_or_restart(self) -> WorkerProcess:
        if self._template is not None:
            try:
                return await self._template.fork(self._limits.start_s)
            except ForkServerLost:
                await self._drop_fork_server()
        self._template = await ForkServer.start(self._program, self._limits.process, self._limits.start_s)
        return await self._template.fork(self._limits.start_s)

    async def _drop_fork_server(self) -> None:
        if self._template is not None:
            template, self._template = self._template, None
            await template.stop()

    async def _stop(self) -> None:
        self._open = False
        for worker in (*self._idle, *self._busy):
            worker.kill()
        self._idle.clear()
        self._busy.clear()
        async with self._starting:
            await self._drop_fork_server()
