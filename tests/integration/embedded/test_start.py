"""Start of a store: occupied ports, stores that do not become ready."""

import os
import socket
from pathlib import Path

import pytest

from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.embedded.errors import DataDirInUse, EmbeddedStoreFailed
from libs.embedded.guarded import run_to_end
from libs.embedded.job import Job
from libs.embedded.ports import LOOPBACK
from libs.embedded.store import Folders, Launch, Owner, StoreName
from libs.embedded.supervised import Supervised
from libs.embedded.supervisor import Supervisor
from libs.embedded.tansu import Tansu
from libs.testing.waiting import eventually
from tests.support.embedded.stores import Heard, children

pytestmark = pytest.mark.embedded


class Scripted:
    """A store that is a shell script."""

    name: StoreName = "valkey"

    def __init__(self, folder: Path, script: str, ready_within_s: float = 60.0) -> None:
        self._job = shell(folder, script)
        self.ready_within_s = ready_within_s

    async def prepare(self, owner: Owner) -> None: ...

    def launch(self, port: int) -> Launch:
        return Launch(self._job, _never, (port,), EmbeddedStores())


def shell(folder: Path, script: str) -> Job:
    return Job(("/bin/sh", "-c", script), folder / "log", folder, env={"PATH": os.defpath})


async def _never() -> bool:
    return False


class BehindAThief:
    """A broker whose first port another server takes just before it starts."""

    name: StoreName = "kafka"
    ready_within_s = 60.0

    def __init__(self, store: Tansu) -> None:
        self._store = store
        self.thieves: list[socket.socket] = []

    async def prepare(self, owner: Owner) -> None: ...

    def launch(self, port: int) -> Launch:
        if not self.thieves:
            self.thieves.append(socket.create_server((LOOPBACK, port)))
        return self._store.launch(port)


async def test_a_port_that_is_taken_at_the_last_moment_is_given_up(tmp_path: Path) -> None:
    heard, store = Heard(), BehindAThief(Tansu(Folders(tmp_path, tmp_path / "log")))
    broker = Supervised(store, Owner(heard.say))
    await broker.start()
    await broker.stop()
    (thief,) = store.thieves
    stolen = thief.getsockname()[1]
    thief.close()
    assert heard.lines[0] == f"kafka: port {stolen} was taken meanwhile, trying another"
    assert broker.launch.ports != (stolen,)


async def test_a_store_that_ends_while_starting_shows_its_last_lines(tmp_path: Path) -> None:
    store = Supervised(Scripted(tmp_path, "echo no memory left; exit 3"), Owner(Heard().say))
    with pytest.raises(EmbeddedStoreFailed, match="ended with exit code 3 while starting:\n  no memory left"):
        await store.start()


async def test_a_store_that_never_answers_is_ended_and_shows_its_last_lines(tmp_path: Path) -> None:
    await run_to_end(shell(tmp_path, "echo still thinking"), timeout_s=60)  # logged before, however soon it is stopped
    store = Supervised(Scripted(tmp_path, "exec sleep 600", ready_within_s=0.5), Owner(Heard().say))
    with pytest.raises(EmbeddedStoreFailed, match=r"did not answer within .*\n  still thinking"):
        await store.start()
    await eventually(lambda: not children(), within_s=30)


async def test_when_one_store_fails_none_is_left(tmp_path: Path) -> None:
    choice = EmbeddedChoice(tmp_path, kafka="tansu", valkey=True, postgres=True, model=tmp_path / "none.gguf")
    with pytest.raises(EmbeddedStoreFailed, match="MOE_EMBEDDED_MODEL"):
        async with Supervisor(choice, on_event=Heard().say):
            pass
    await eventually(lambda: not children(), within_s=30)


async def test_a_second_fleet_on_the_same_data_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    choice = EmbeddedChoice(tmp_path, valkey=True)
    first = Supervisor(choice, on_event=Heard().say)
    async with first:
        with pytest.raises(DataDirInUse, match=f"in use by process {os.getpid()}"):
            async with Supervisor(choice, on_event=Heard().say):
                pass
        assert children()


async def test_a_data_dir_may_be_relative_to_where_we_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with Supervisor(EmbeddedChoice(Path("var"), valkey=True, postgres=True), on_event=Heard().say):
        assert (tmp_path / "var" / "postgres" / "data" / "PG_VERSION").exists()
