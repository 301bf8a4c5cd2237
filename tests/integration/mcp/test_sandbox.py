"""Untrusted code, run for real: its permissions and their limits."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from libs.core.tenancy import tenant_scope
from libs.testing.waiting import eventually
from services.mcp.contract import AnswerStyle, Caller, ToolError
from services.mcp.sandbox import group
from services.mcp.sandbox.plan import Plan
from services.mcp.sandbox.rootfs import Folder
from services.mcp.sandbox.runner import SandboxRunner, refusal
from services.mcp.tools.served.sandbox import build
from services.mcp.tools.served.sandbox import tool as sandbox
from services.mcp.tools.served.sandbox.models import SandboxResult
from tests.support.mcp.timeouts import PATIENT_S

pytestmark = pytest.mark.skipif(refusal() is not None, reason=f"no cells here: {refusal()}")
CALLER = Caller("a")
CELL = 3  # its processes: outside, the first of the namespace, the program's own
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_S", PATIENT_S)


async def run(code: str) -> SandboxResult:
    (tool,) = build(SandboxRunner())
    outcome = await tool.invoke({"code": code}, AnswerStyle(), CALLER)
    return SandboxResult.model_validate(outcome.result)


async def refusal_of(code: str) -> ToolError:
    with pytest.raises(ToolError) as caught:
        await run(code)
    return caught.value


async def refused(code: str) -> str:
    return (await refusal_of(code)).code


async def test_the_example_gives_its_result_and_answer() -> None:
    (tool,) = build(SandboxRunner())
    example = tool.describe().example
    outcome = await tool.invoke(example.args, AnswerStyle(), CALLER)
    assert (outcome.result, outcome.answer) == (example.result, example.answer)


async def test_prints_and_the_last_value_come_back_apart() -> None:
    result = await run("import math\nprint('hällo')\nmath.factorial(20)")
    assert (result.output, result.value, result.error) == ("hällo\n", "2432902008176640000", None)


async def test_the_standard_library_can_be_imported() -> None:
    assert (await run("import csv, difflib, zlib, calendar, graphlib\ncalendar.isleap(2024)")).value == "True"


async def test_an_error_comes_back_with_its_line() -> None:
    result = await run("x = 0\nprint('before')\n1 / x")
    assert result.error == "ZeroDivisionError: division by zero"
    assert "before" in result.output
    assert "1 / x" in result.output


async def test_code_that_is_not_python_is_an_error_and_no_crash() -> None:
    assert ((await run("def")).error or "").startswith("SyntaxError")


async def test_deep_nesting_is_an_error_and_no_crash() -> None:
    result = await run("x = " + "(" * 5000 + ")" * 5000)
    assert result.error is not None


async def test_no_call_sees_the_names_of_another() -> None:
    await run("secret = 1")
    assert ((await run("secret")).error or "").startswith("NameError")


async def test_a_file_of_its_own_can_be_written_and_is_gone_with_the_call() -> None:
    assert (await run("open('a','w').write('x'); open('a').read()")).value == "'x'"
    assert (await run("import os; os.listdir('.')")).value == "[]"


FORBIDDEN = {
    "passwd": "open('/etc/passwd').read()",
    "shadow": "import os\nos.open('/etc/shadow', os.O_RDONLY)",
    "home": "import os\nos.listdir('/root')",
    "proc": "open('/proc/self/environ').read()",
    "parent": "import os\nopen(f'/proc/{os.getppid()}/environ').read()",
    "leave": "import os\nos.chdir('../../../../..')\nopen('etc/passwd')",
    "socket": "import socket\nsocket.socket()",
    "connect": "import socket\nsocket.create_connection(('127.0.0.1', 22), 1)",
    "unix": "import socket\nsocket.socket(socket.AF_UNIX)",
    "fork": "import os\nos.fork()",
    "bomb": "import os\nwhile True:\n    os.fork()",
    "system": "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'id'])",
    "exec": "import os\nos.execv('/bin/sh', ['sh'])",
    "kill": "import os\nos.kill(1, 9)",
    "kill all": "import os\nos.kill(-1, 9)",
    "write library": "import os\nopen(os.__file__, 'a')",
    "chroot": "import os\nos.chroot('/')",
    "setuid": "import os\nos.setuid(0)",
    "device": "import os\nos.mknod('d', 0o60666, os.makedev(8, 0))",
    "link": "import os\nos.symlink('/etc/passwd', 'p')",
    "thread": "import threading\nthreading.Thread(target=print).start()",
}


@pytest.mark.parametrize("attempt", sorted(FORBIDDEN))
async def test_what_is_outside_stays_outside(attempt: str) -> None:
    result = await run(f"{FORBIDDEN[attempt]}\n'through'")
    assert result.error is not None, result
    assert result.error.split(":")[0] in {
        "FileNotFoundError",
        "PermissionError",
        "OSError",
        "RuntimeError",
        "ModuleNotFoundError",
        "ImportError",
        "AttributeError",
    }
    assert "root:" not in result.output


NATIVE = """
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
def ask(*a):
    r = libc.syscall(*[ctypes.c_long(x) for x in a])
    return (r, ctypes.get_errno())
"""
CALLS = {"ptrace": 101, "socket": 41, "clone": 56, "vfork": 58, "execve": 59, "unshare": 272, "mount": 165,
         "bpf": 321, "io_uring_setup": 425, "keyctl": 250, "process_vm_readv": 310, "clone3": 435,
         "userfaultfd": 323, "perf_event_open": 298, "setns": 308, "open_by_handle_at": 304, "memfd_create": 319,
         "kill": 62, "tgkill": 234, "init_module": 175, "kexec_load": 246, "pidfd_open": 434}  # fmt: skip


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
async def test_system_calls_that_are_not_listed_are_refused_to_native_code_too() -> None:
    result = await run(f"{NATIVE}\n{{name: ask(number, 0, 0, 0, 0, 0) for name, number in {CALLS!r}.items()}}")
    assert result.value == repr(dict.fromkeys(CALLS, (-1, 1)))


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="numbers of x86-64")
async def test_the_second_set_of_numbers_ends_the_process() -> None:
    assert await refused(f"{NATIVE}\nask(0x40000000 + 39)") == "worker_lost"


async def test_privileges_are_dropped_and_the_rootfs_is_empty() -> None:
    result = await run("import os\n(os.getpid() < 5, sorted(os.listdir('/')), dict(os.environ))")
    assert result.value is not None
    assert result.value.startswith("(True, [")
    folders = result.value.partition("[")[2].partition("]")[0]
    assert not {"'etc'", "'proc'", "'tmp'", "'home'", "'work/main'"} & set(folders.split(", "))
    assert "MOE_" not in result.value


CATCHES_EVERYTHING = """
import signal
for s in (24, 2, 15):
    signal.signal(s, signal.SIG_IGN)
while True:
    try:
        while True: pass
    except BaseException: pass
"""


@pytest.mark.parametrize("code", ["while True: pass", CATCHES_EVERYTHING], ids=["plain", "catching"])
async def test_an_endless_loop_is_ended_by_its_cpu_time(code: str) -> None:
    error = await refusal_of(code)
    assert (error.code, str(error)[:8]) == ("timeout", "CPU time")


async def test_sleeping_is_ended_at_the_wall(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "WALL_S", 1.0)
    error = await refusal_of("import time\ntime.sleep(600)")
    assert (error.code, str(error)[:9]) == ("timeout", "wall time")


async def test_memory_is_bounded() -> None:
    assert await refused("x = bytearray(10**9)") == "limit_exceeded"
    assert await refused("x = []\nwhile True: x.append(bytearray(1000000))") == "limit_exceeded"


async def test_files_in_memory_are_bounded() -> None:
    result = await run("for n in range(100):\n    open(str(n), 'wb').write(bytes(10**6))")
    assert result.error == "OSError: [Errno 28] No space left on device"


@pytest.mark.parametrize("buffer_bytes", [1024, 64 * 1024], ids=["more than is held at once", "at once"])
async def test_output_is_bounded_and_said_to_be_cut(monkeypatch: pytest.MonkeyPatch, buffer_bytes: int) -> None:
    monkeypatch.setattr(group, "_BUFFER_BYTES", buffer_bytes)
    result = await run("while True: print('x' * 1000)")
    assert result.output_cut
    assert len(result.output) == 16_000


async def test_a_program_that_writes_much_to_the_place_of_its_report_goes_on() -> None:
    result = await run("import os\nfor _ in range(300): os.write(2, b'x' * 10_000)\nprint('done')")
    assert result.output == "done\n"


async def test_a_result_that_cannot_be_shown_is_no_crash() -> None:
    code = "class A:\n    def __repr__(self): raise KeyboardInterrupt\nA()"
    assert (await run(code)).value == "<A that cannot be shown>"


async def test_a_forged_report_is_only_a_wrong_result() -> None:
    result = await run('import os\nos.write(2, b\'{"value": {"a": 1}, "error": 5}\\n\')\nos._exit(0)')
    assert (result.value, result.error) == (None, None)


def forged(said: str, status: int = 0) -> str:
    return f"import json, os\nos.write(2, json.dumps({said}).encode() + b'\\n')\nos._exit({status})"


async def test_a_forged_report_is_cut_to_the_limits_of_a_true_one() -> None:
    assert (await run(forged("{'value': 'x' * 900_000}"))).value == "x" * 10_000
    assert (await run(forged("{'error': 'x' * 900_000}"))).error == "x" * 500


@pytest.mark.parametrize(("status", "code"), [(1, "worker_lost"), (97, "worker_lost"), (0, None)])
async def test_code_that_has_started_cannot_say_that_the_kernel_refuses(status: int, code: str | None) -> None:
    said = forged("{'refused': 'x'}", status)
    if code is None:
        assert (await run(said)).value is None
    else:
        assert await refused(said) == code


async def test_no_descriptor_of_the_launcher_is_left_to_the_code() -> None:
    result = await run(
        "import os\nfor n in range(3, 1024):\n    try: os.fstat(n)\n    except OSError: pass\n    else: print(n)"
    )
    assert (result.output, result.error) == ("", None)


async def test_a_refusal_of_the_kernel_is_told_with_its_reason() -> None:
    plan = Plan("python", folders=(Folder("/no/such/folder", "/seen"),))
    with pytest.raises(ToolError, match="isolation: folder /seen") as caught:
        await SandboxRunner().run(plan, b"1", wall_s=PATIENT_S, max_printed=100)
    assert caught.value.code == "unavailable"


async def test_half_a_character_is_refused() -> None:
    assert await refused("'\ud800'") == "invalid_argument"


async def test_nothing_is_left_behind() -> None:
    await asyncio.gather(*(refused("while True: pass") for _ in range(2)))
    assert _cells_of(os.getpid()) == set()


def _launchers() -> dict[int, int]:
    """Processes of cells on this machine, each with its parent."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if b"-m\0services.mcp.sandbox.launcher\0" in (entry / "cmdline").read_bytes():
                found[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
    return found


def _cells_of(owner: int) -> set[int]:
    """Processes of sandboxes that descend from one process; other tests have separate sandboxes."""
    launchers, found, before = _launchers(), {owner}, 0
    while len(found) > before:
        before = len(found)
        found |= {pid for pid, parent in launchers.items() if parent in found}
    return found - {owner}


async def test_a_call_that_is_given_up_ends_its_process() -> None:
    async with asyncio.TaskGroup() as group:
        call = group.create_task(run("import time\ntime.sleep(600)"))
        await eventually(lambda: len(_cells_of(os.getpid())) == CELL)
        call.cancel()
    assert call.cancelled()
    await eventually(lambda: not _cells_of(os.getpid()))


OWNER = """
import asyncio
from services.mcp.sandbox.runner import SandboxRunner
from services.mcp.sandbox.plan import Plan
code = b"print('on', flush=True)\\nimport time\\ntime.sleep(300)"
asyncio.run(SandboxRunner().run(Plan("python"), code, wall_s=300, max_printed=100))
"""


async def test_a_service_that_is_killed_takes_its_cells_along() -> None:
    owner = await asyncio.create_subprocess_exec(sys.executable, "-c", OWNER, cwd=ROOT)
    await eventually(lambda: len(_cells_of(owner.pid)) == CELL)
    cells = _cells_of(owner.pid)
    owner.kill()
    await owner.wait()
    await eventually(lambda: not cells & _launchers().keys())


async def test_too_many_at_once_are_told() -> None:
    cells = SandboxRunner(at_once=1, waiting=1)
    (tool,) = build(cells)
    calls = [tool.invoke({"code": "1"}, AnswerStyle(), CALLER) for _ in range(4)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {getattr(o, "code", "ok") for o in outcomes} == {"ok", "busy"}


async def test_a_tenant_that_fills_the_wait_queue_gives_up_a_place_to_another() -> None:
    (tool,) = build(SandboxRunner(at_once=1, waiting=2))

    async def call_of(tenant: str) -> object:
        with tenant_scope(tenant):
            return await tool.invoke({"code": "1"}, AnswerStyle(), Caller(tenant))

    *mine, other = await asyncio.gather(*map(call_of, ["a", "a", "a", "b"]), return_exceptions=True)
    assert not isinstance(other, ToolError)
    assert [getattr(outcome, "code", "ok") for outcome in mine] == ["ok", "ok", "busy"]
