"""Main loop of a fork server process, for any set of tools: drop network and root, then only fork workers.

It reads orders from the socket on its standard input. An order is one byte and one file descriptor, the channel of a
new worker. The process and its workers end with that socket.
"""

import gc
import os
import signal
import socket
from collections.abc import Callable
from typing import TypeAlias

from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolResult
from services.mcp.sandbox.parser import enter_sandbox, restrict_system_calls
from services.mcp.workers.defect_report import report_defect
from services.mcp.workers.isolation import ProcessLimits, confine, drop_privileges, grant_cpu
from services.mcp.workers.protocol import Call, Failure, ForkServerReady, WorkerReady, framed, receive

Invoke: TypeAlias = Callable[[str, Arguments, AnswerStyle, bytes], ToolResult]  # the last: a document, or empty
# Exceptions of a defect in a tool. The same call would raise them again.
_DEFECTS = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    BufferError,
    EOFError,
    ImportError,
    LookupError,
    NameError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
)


def run_fork_server(run_tool: Invoke, limits: ProcessLimits, *, sandboxed: bool = False) -> None:
    """Serve fork orders until the pool closes the socket. Blocks; requires a single-threaded process of its own.

    `sandboxed`: workers additionally have no access to the machine's files and only few system calls.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service handles Ctrl-C and then ends this process
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps ended workers
    control = socket.socket(fileno=0)
    ready = _enter_sandbox() if sandboxed else _drop_privileges()
    gc.collect()
    gc.freeze()  # forked workers share the loaded objects
    control.sendall(framed(ready.model_dump_json().encode()))
    while (channel := _next_order(control)) is not None:
        _fork(control, channel, run_tool, limits, sandboxed=ready.files_off)


def serve(channel: socket.socket, run_tool: Invoke, limits: ProcessLimits) -> None:
    """Run calls, one at a time, until the pool closes the channel. Blocks."""
    channel.sendall(framed(WorkerReady(pid=os.getpid()).model_dump_json().encode()))
    while (request := receive(channel)) is not None:
        grant_cpu(limits)
        call = Call.model_validate_json(request)
        document = receive(channel) if call.attached else b""
        if document is None:
            return
        channel.sendall(framed(reply_to(call, document, run_tool).model_dump_json().encode()))


def reply_to(call: Call, document: bytes, run_tool: Invoke) -> ToolResult | Failure:
    """Run a tool; a defect of it is reported and refused."""
    try:
        return run_tool(call.tool, call.args, call.style, document)
    except ToolError as error:
        return Failure.model_validate({"code": error.code, "message": str(error)})
    except MemoryError:
        return Failure(code="limit_exceeded", message="memory of a worker: the limit was reached")
    except _DEFECTS:
        report_defect(call.tool)
        return Failure(code="undecided", message="the tool has a defect that these arguments meet; do not repeat them")


def _next_order(control: socket.socket) -> socket.socket | None:
    order, descriptors, _, _ = socket.recv_fds(control, 1, 1)
    return socket.socket(fileno=descriptors[0]) if order and descriptors else None


def _drop_privileges() -> ForkServerReady:
    shed = drop_privileges()
    return ForkServerReady(network_off=shed.network_off, user_id=shed.user_id, note=shed.note)


def _enter_sandbox() -> ForkServerReady:
    isolation = enter_sandbox()
    entered = not isolation.refusal
    note = isolation.refusal or "own mount and network namespaces"
    return ForkServerReady(network_off=entered, files_off=entered, user_id=isolation.user_id, note=note)


def _fork(
    control: socket.socket, channel: socket.socket, run_tool: Invoke, limits: ProcessLimits, *, sandboxed: bool
) -> None:
    template_pid = os.getpid()
    if os.fork() == 0:
        control.close()
        os.dup(1)  # keeps descriptor 0 occupied by the null device, so that no channel gets it
        confine(limits, template_pid)
        if sandboxed:
            restrict_system_calls()
        gc.enable()
        serve(channel, run_tool, limits)
        os._exit(0)
    channel.close()
