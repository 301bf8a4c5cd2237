"""The job of a guard: one command and how to stop it."""

import json
import signal
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

# Standard library only in this module: the guard starts without site-packages.
LOG_LIMIT_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Identity:
    """The unprivileged user of a command.

    `pass_closed_folders` keeps the right to traverse folders and files that are closed to this user, for example a
    virtual environment below root's home.
    """

    uid: int
    gid: int
    pass_closed_folders: bool


@dataclass(frozen=True, slots=True)
class Job:
    """One command under guard. `env` is the whole environment; None inherits that of the guard.

    The command gets `stop_signal`; its process group gets SIGKILL if the command still runs after `grace_s` seconds.
    The log stays below twice `LOG_LIMIT_BYTES`.
    """

    argv: tuple[str, ...]
    log: Path
    cwd: Path
    env: Mapping[str, str] | None
    stop_signal: signal.Signals = signal.SIGTERM
    grace_s: float = 1.0
    identity: Identity | None = None


def encode(job: Job, owner_pid: int) -> bytes:
    """One line of JSON. The end of the process `owner_pid` ends the job."""
    identity = None if job.identity is None else asdict(job.identity)
    env = None if job.env is None else dict(job.env)
    fields = {"argv": job.argv, "log": str(job.log), "cwd": str(job.cwd), "env": env, "identity": identity}
    order = {"stop_signal": int(job.stop_signal), "grace_s": job.grace_s, "owner_pid": owner_pid}
    return json.dumps(fields | order).encode() + b"\n"


def decode(line: bytes) -> tuple[Job, int]:
    """The job and the pid of its owner. The line is ours: a malformed one is a bug and raises KeyError."""
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
