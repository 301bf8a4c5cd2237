"""A worker program whose tools misbehave on purpose, to prove that the pool contains them."""

import hashlib
import os
import socket
import sys
from pathlib import Path

from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolResult
from services.mcp.workers.fork_server_main import run_fork_server
from services.mcp.workers.isolation import ProcessLimits


def misbehave(tool: str, args: Arguments, style: AnswerStyle, document: bytes) -> ToolResult:
    """Misbehave by name; a case that ends in an answer reports the outcome."""
    if tool == "spin":
        while True:
            pass
    if tool == "document":
        return ToolResult(tool=tool, result={}, answer=f"{len(document)} {hashlib.sha256(document).hexdigest()}")
    if tool == "crash":
        os._exit(3)
    return ToolResult(tool=tool, result={}, answer=_probe(tool))


def _probe(tool: str) -> str:
    try:
        return _PROBES[tool]()
    except OSError as error:
        return f"refused: {error.strerror}"


def _connect() -> str:
    with socket.socket() as probe:
        probe.connect(("127.0.0.1", 9))
    return "connected"


def _write() -> str:
    path = Path("/tmp") / f"worker-probe-{os.getpid()}"
    try:
        path.write_text("something")
    finally:
        path.unlink(missing_ok=True)
    return "written"


def _memory() -> str:
    return str(len(bytearray(2 * 1024**3)))


def _children() -> str:
    os.fork()
    return "forked"


def _descriptors() -> str:
    return ",".join([str(number) for number in range(16) if _is_open(number)])


def _is_open(descriptor: int) -> bool:
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True


def _refuse() -> str:
    raise ToolError("domain_error", "no")


def _pid() -> str:
    return str(os.getpid())


_PROBES = {
    "connect": _connect,
    "write": _write,
    "memory": _memory,
    "children": _children,
    "descriptors": _descriptors,
    "refuse": _refuse,
    "pid": _pid,
}


if __name__ == "__main__":
    run_fork_server(misbehave, ProcessLimits.model_validate_json(sys.argv[1]))
