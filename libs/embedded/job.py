"""What a guard is told: one command and how to end it.

Standard library only: the guard starts without site-packages.
"""

import json
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

LOG_LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Identity:
    """The unprivileged user a command runs as. `pass_closed_folders` keeps the right to go through folders and files
    that are closed to this user: a virtual environment below root's home, for example."""

    uid: int
    gid: int
    pass_closed_folders: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One command under guard. `env` is the whole environment, None passes on that of the guard.

    The command gets `stop_signal`, and SIGKILL for its process group when it still runs after `grace_s` seconds.
    The log is kept below twice `LOG_LIMIT_BYTES`.
    """

    argv: tuple[str, ...]
    log: Path
    cwd: Path
    env: Mapping[str, str] | None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 1.0
    identity: Identity | None = None


def encode(job: Job, owner_pid: int) -> bytes:
    """Return one line of JSON. `owner_pid` is the process whose end ends the job."""
    identity = None if job.identity is None else asdict(job.identity)
    env = None if job.env is None else dict(job.env)
    fields = {"argv": job.argv, "log": str(job.log), "cwd": str(job.cwd), "env": env, "identity": identity}
    order = {"stop_signal": int(job.stop_signal), "grace_s": job.grace_s, "owner_pid": owner_pid}
    return json.dumps(fields | order).encode() + b"\n"


def decode(line: bytes) -> tuple[Job, int]:
    """Return the job and the pid of its owner. The line is ours, so a wrong one is a bug and raises KeyError."""
    fields = json.loads(line)
    identity = None if fields["identity"] is None else Identity(**fields["identity"])
    job = Job(
        argv=tuple(fields["argv"]),
        log=Path(fields["log"]),
        cwd=Path(fields["cwd"]),
        env=fields["env"],
        stop_signal=signal.Signals(fields["stop_signal"]),
        grace_s=fields["grace_s"],
        identity=identity,
    )
    return job, fields["owner_pid"]
