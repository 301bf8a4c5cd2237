"""The owner's side of a guard: starts a command, detects its end, stops it. Usable from any event loop."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import libs
from libs.embedded.errors import EmbeddedStoreFailed, log_tail
from libs.embedded.job import Job, encode

_IMPORT_ROOT = Path(libs.__file__).parent.parent
_GUARD = (sys.executable, "-S", "-m", "libs.embedded.guard")
_OVERRUN_S = 1.0


class Guarded:
    """A running command and its guard. `pid` is the command's own."""

    def __init__(self, guard: subprocess.Popen[bytes], job: Job) -> None:
        self._guard = guard
        self._job = job
        self._said = b""
        self._closed = False
        self.pid = 0

    @classmethod
    async def start(cls, job: Job, keep_open: tuple[int, ...] = ()) -> "Guarded":
        """Start `job`; its guard inherits the descriptors `keep_open`. Raises EmbeddedStoreFailed."""
        guarded = cls(_popen(job, keep_open), job)
        try:
            await guarded._until_started()
        except BaseException:
            await guarded.stop()
            raise
        return guarded

    async def _until_started(self) -> None:
        while b"\n" not in self._said and not self._closed:
            await self._listen()
        word, _, rest = self._lines()[0].partition(" ")
        if word != "started":
            raise EmbeddedStoreFailed(f"cannot run {self._job.argv[0]}: {rest or log_tail(self._job.log).strip()}")
        self.pid = int(rest)

    async def wait(self) -> int | None:
        """Wait for the end of the command; return its exit code, None if its guard was killed."""
        while not self._closed:
            await self._listen()
        return self.exit_code

    @property
    def exit_code(self) -> int | None:
        """Negative for a signal; None while the command runs, or if its guard was killed."""
        word, _, rest = self._lines()[-1].partition(" ")
        return int(rest) if word == "exited" else None

    def _lines(self) -> list[str]:
        return self._said.decode(errors="replace").splitlines() or [""]

    def kill(self) -> None:
        """Kill the command at once, as a crash would. Its guard then ends too."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)

    async def stop(self) -> None:
        """Stop the command within its grace period, and its guard. Idempotent."""
        assert self._guard.stdin is not None
        with suppress(BrokenPipeError):
            self._guard.stdin.close()
        try:
            async with asyncio.timeout(self._job.grace_s + _OVERRUN_S):
                await self.wait()
        except TimeoutError:
            self._guard.kill()  # the kernel kills the command with it
        self._release()

    def _release(self) -> None:
        assert self._guard.stdout is not None
        self._closed = True
        self._guard.stdout.close()
        self._guard.wait()

    async def _listen(self) -> None:
        """Wait for output of the guard. Duplicates the descriptor, so that several tasks can wait."""
        assert self._guard.stdout is not None
        copy = os.dup(self._guard.stdout.fileno())
        try:
            await _readable(copy)
        finally:
            os.close(copy)
        self.has_ended()

    def has_ended(self) -> bool:
        """Never waits."""
        assert self._guard.stdout is not None
        if not self._closed:
            with suppress(BlockingIOError):
                chunk = os.read(self._guard.stdout.fileno(), 4096)
                self._said += chunk
                self._closed = not chunk
        return self._closed


async def _readable(fd: int) -> None:
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(fd, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(fd)


def _popen(job: Job, keep_open: tuple[int, ...]) -> subprocess.Popen[bytes]:
    with job.log.open("ab") as errors:
        guard = subprocess.Popen(
            _GUARD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=_IMPORT_ROOT,
            start_new_session=True,  # Ctrl-C reaches only the owner, which stops stores in order
            pass_fds=keep_open,
            bufsize=0,
        )
    assert guard.stdin is not None
    assert guard.stdout is not None
    os.set_blocking(guard.stdout.fileno(), False)
    guard.stdin.write(encode(job, os.getpid()))
    return guard


async def run_to_end(job: Job, timeout_s: float, keep_open: tuple[int, ...] = ()) -> None:
    """Run a preparation command under guard. Raises EmbeddedStoreFailed if it fails or exceeds `timeout_s`."""
    guarded = await Guarded.start(job, keep_open)
    try:
        async with asyncio.timeout(timeout_s):
            code = await guarded.wait()
    except TimeoutError as error:
        raise EmbeddedStoreFailed(f"{job.argv[0]} did not end within {timeout_s:.0f} s") from error
    finally:
        await guarded.stop()
    if code != 0:
        raise EmbeddedStoreFailed(f"{job.argv[0]} failed with exit code {code}:\n{log_tail(job.log)}")
