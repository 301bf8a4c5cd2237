"""Client of the document workers: a pool of its own, started with the first document."""

import asyncio
from contextlib import AsyncExitStack

from pydantic import JsonValue

from libs.core.resource import Resource
from services.mcp.contract import ToolError
from services.mcp.tools.served.documents.jobs import (
    MAX_DOCUMENT_BYTES,
    ReadJob,
    SymbolsFound,
    SymbolsJob,
    TextRead,
    WriteJob,
    Written,
)
from services.mcp.workers.isolation import ProcessLimits
from services.mcp.workers.pool import CallContext, PoolLimits, WorkerPool

_PROGRAM = "services.mcp.tools.served.documents.worker"
_PARSES = frozenset({"read", "symbols"})  # the other jobs write from text of our own grammar
_NO_SANDBOX = (
    "the kernel refuses a sandbox for document parsers; allow user namespaces, run mcp with CAP_SYS_ADMIN, "
    "or set MOE_TOOLS_UNSANDBOXED_PARSERS=true"
)
_MEBIBYTE = 1024 * 1024
_FRAME_BYTES = MAX_DOCUMENT_BYTES * 4 // 3 + _MEBIBYTE  # a document in base64, with its frame
LIMITS = PoolLimits(
    workers=2,
    waiting=16,
    call_s=2.9,
    start_s=20.0,
    calls_per_worker=200,
    request_bytes=_FRAME_BYTES,
    reply_bytes=_FRAME_BYTES,
    process=ProcessLimits(cpu_s=3, memory_bytes=640 * _MEBIBYTE),
)


class Workshop(Resource):
    """Writes and reads documents in confined processes: `async with Workshop() as workshop`."""

    def __init__(
        self, limits: PoolLimits = LIMITS, *, allow_unsandboxed: bool = False, program: str = _PROGRAM
    ) -> None:
        self._limits = limits
        self._allow_unsandboxed = allow_unsandboxed
        self._program = program
        self._pool: WorkerPool | None = None
        self._pools = AsyncExitStack()
        self._starting = asyncio.Lock()
        self._open = False

    async def _enter(self, stack: AsyncExitStack) -> None:
        self._open = True
        stack.push_async_callback(self._close)

    async def _close(self) -> None:
        self._open = False
        async with self._starting:  # a start in progress ends first
            self._pool = None
            await self._pools.aclose()

    async def write(self, job: WriteJob, tenant: str = "") -> Written:
        """Raises ToolError."""
        return Written.model_validate(await self._do("write", job.model_dump(mode="json"), CallContext(tenant)))

    async def read(self, job: ReadJob, tenant: str = "") -> TextRead:
        """Raises ToolError."""
        args = job.model_dump(mode="json", exclude={"content"})
        return TextRead.model_validate(await self._do("read", args, CallContext(tenant, job.content)))

    async def symbols(self, job: SymbolsJob, tenant: str = "") -> SymbolsFound:
        """Definitions in files. Raises ToolError."""
        found = await self._do("symbols", job.model_dump(mode="json"), CallContext(tenant))
        return SymbolsFound.model_validate(found, strict=False)

    async def _do(self, job: str, args: dict[str, JsonValue], context: CallContext) -> dict[str, JsonValue]:
        pool = await self._running()
        state = pool.describe()
        if job in _PARSES and not (state.files_off or self._allow_unsandboxed):
            raise ToolError("unavailable", f"{_NO_SANDBOX} ({state.isolation_note})")
        return (await pool.invoke(job, args, context=context)).result

    async def _running(self) -> WorkerPool:
        async with self._starting:
            if not self._open:
                raise ToolError("worker_lost", "the workshop is closed")
            if self._pool is None:
                self._pool = await self._pools.enter_async_context(WorkerPool(self._limits, self._program))
            return self._pool
