"""What a template process does, whatever its tools are: it leaves network and root, and then only forks workers.

It reads its orders from the socket that is its standard input: one byte and one file descriptor each, the channel of a
new worker. It ends when that socket does, and its workers with it.
"""

import gc
import os
import signal
import socket
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import TypeAlias

from services.mcp.contract import AnswerStyle, Arguments, ToolError, ToolResult
from services.mcp.sandbox.parser import enter_sandbox, restrict_system_calls
from services.mcp.workers.isolation import ProcessLimits, confine, drop_privileges, grant_cpu
from services.mcp.workers.protocol import Call, Failure, ForkServerReady, WorkerReady, framed, receive

Invoke: TypeAlias = Callable[[str, Arguments, AnswerStyle, bytes], ToolResult]  # the last: a document, or nothing
# What a tool raises when it meets something that it was not made for. The same call would meet it again.
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
    """Serve fork orders until the pool is gone. Blocks; for a single-threaded process of its own.

    `sandboxed`: workers see no file of the machine either, and can ask for few system calls.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which then ends us
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel reaps ended workers
    control = socket.socket(fileno=0)
    ready = _enter_sandbox() if sandboxed else _drop_privileges()
    gc.collect()
    gc.freeze()  # forked workers share what is loaded
    control.sendall(framed(ready.model_dump_json().encode()))
    while (channel := _next_order(control)) is not None:
        _fork(control, channel, run_tool, limits, sandboxed=ready.files_off)


def serve(channel: socket.socket, run_tool: Invoke, limits: ProcessLimits) -> None:
    """Answer calls, one at a time, until the pool closes the channel."""
    channel.sendall(framed(WorkerReady(pid=os.getpid()).model_dump_json().encode()))
    while (request := receive(channel)) is not None:
        grant_cpu(limits)
        call = Call.model_validate_json(request)
        document = receive(channel) if call.attached else b""
        if document is None:
            return
        channel.sendall(framed(_reply(call, document, run_tool).model_dump_json().encode()))


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
        os.dup(1)  # the null device takes the free number 0, so that no channel ever does
        confine(limits, template_pid)
        if sandboxed:
            restrict_system_calls()
        gc.enable()
        serve(channel, run_tool, limits)
        os._exit(0)
    channel.close()


def _reply(call: Call, document: bytes, run_tool: Invoke) -> ToolResult | Failure:
    try:
        return run_tool(call.tool, call.args, call.style, document)
    except ToolError as error:
        return Failure.model_validate({"code": error.code, "message": str(error)})
    except MemoryError:
        return Failure(code="limit_exceeded", message="memory of a worker: the limit was reached")
    except _DEFECTS:
        with suppress(OSError):  # a worker may not write to a file, if that is where errors go
            traceback.print_exc()
        return Failure(code="undecided", message="the tool has a defect that these arguments meet; do not repeat them")
