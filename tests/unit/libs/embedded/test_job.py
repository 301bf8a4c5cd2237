import signal
from pathlib import Path

import pytest

from libs.embedded.job import Identity, Job, decode, encode

JOB = Job(
    argv=("/bin/store", "--name=ä b"),
    log=Path("/data/logs/store.log"),
    cwd=Path("/data/store"),
    env={"PATH": "/bin"},
    stop_signal=signal.SIGINT,
    grace_s=2.5,
    identity=Identity(65534, 65534, pass_closed_folders=True),
)
PLAIN = Job(argv=("x",), log=Path("l"), cwd=Path("/"), env=None)


@pytest.mark.parametrize("job", [JOB, PLAIN])
def test_a_guard_is_told_exactly_what_was_asked(job: Job) -> None:
    assert decode(encode(job, 42)) == (job, 42)


def test_an_order_is_one_line() -> None:
    assert encode(JOB, 1).count(b"\n") == 1
