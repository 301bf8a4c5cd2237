"""Start of the stores: on loopback, with secrets in files that only their owner can read."""

import asyncio
import os
import stat
from pathlib import Path

import pytest

from libs.embedded import llama
from libs.embedded.llama import Llama
from libs.embedded.postgres import Postgres
from libs.embedded.postgres_files import Cluster
from libs.embedded.store import Folders, Launch, Owner
from libs.embedded.tansu import Tansu
from libs.embedded.valkey import Valkey, configured

PORT = 20_123


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return Folders(home=tmp_path, log=tmp_path / "store.log")


def postgres_launch(folders: Folders, *, durable: bool = True) -> Launch:
    (folders.home / "password").write_text("s3cret")
    return Postgres(folders, durable=durable).launch(PORT)


def test_each_start_of_tansu_is_a_new_incarnation(folders: Folders) -> None:
    tansu = Tansu(folders)
    first, second = tansu.launch(PORT), tansu.launch(PORT)
    assert first.gives.kafka == second.gives.kafka == f"127.0.0.1:{PORT}"
    assert first.gives.kafka_incarnation != second.gives.kafka_incarnation
    assert f"--cluster-id={first.gives.kafka_incarnation}" in first.job.argv
    assert not first.gives.kafka_durable


def test_tansu_listens_on_loopback_alone(folders: Folders) -> None:
    assert f"--listener-url=tcp://127.0.0.1:{PORT}" in Tansu(folders).launch(PORT).job.argv


def test_valkey_wants_a_password_and_forgets_old_keys_rather_than_refuse_new_ones() -> None:
    lines = configured(PORT, "s3cret", "/data").splitlines()
    assert {"bind 127.0.0.1", "requirepass s3cret", "protected-mode yes"} <= set(lines)
    assert {"maxmemory 256mb", "maxmemory-policy volatile-lru"} <= set(lines)


def test_postgres_listens_on_loopback_alone(folders: Folders) -> None:
    argv = postgres_launch(folders).job.argv
    assert {"--listen_addresses=127.0.0.1", "--unix_socket_directories=", f"--port={PORT}"} <= set(argv)


def test_only_a_throw_away_postgres_may_forget_what_it_acknowledged(folders: Folders) -> None:
    assert "--fsync=off" not in postgres_launch(folders).job.argv
    assert "--fsync=off" in postgres_launch(folders, durable=False).job.argv


async def test_no_secret_is_visible_in_the_list_of_processes(folders: Folders) -> None:
    model = folders.home / "m.gguf"
    model.write_bytes(b"")
    llama, valkey = Llama(folders, model, api_key="s3cret"), Valkey(folders, password="s3cret")
    await llama.prepare(Owner(list[str]().append))
    launches = (llama.launch(PORT), valkey.launch(PORT), postgres_launch(folders))
    assert not [word for launch in launches for word in launch.job.argv if "s3cret" in word]


async def test_secrets_are_in_files_of_mode_0600(folders: Folders) -> None:
    model = folders.home / "m.gguf"
    model.write_bytes(b"")
    await Llama(folders, model).prepare(Owner(list[str]().append))
    Valkey(folders).launch(PORT)
    for name in ("api-key", "valkey.conf"):
        assert stat.S_IMODE((folders.home / name).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("answer", "ready"),
    [
        (b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n", False),
        (b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n", False),
        (b"HTT", False),
        (b"", False),
    ],
    ids=["ours", "another server", "still loading", "closed as it answers", "closed as it opens"],
)
async def test_the_model_is_ready_when_it_opens_to_its_key(
    folders: Folders, answer: bytes, ready: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama, "_TIMEOUT_S", 60.0)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if answer:
            assert b"Authorization: Bearer s3cret" in await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    model = Llama(folders, folders.home / "m.gguf", api_key="s3cret")
    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        assert await model.launch(port).is_ready() is ready
    assert not await model.launch(port).is_ready()


def test_another_process_with_the_pid_of_a_dead_postgres_does_not_block_the_start(tmp_path: Path) -> None:
    cluster = _cluster_left_by(os.getpid(), tmp_path, program="python3")
    assert cluster.stale_owner() == {"PG_GRANDPARENT_PID": str(os.getpid())}


def test_a_living_postgres_is_respected(tmp_path: Path) -> None:
    assert _cluster_left_by(77, tmp_path, program="postgres").stale_owner() == {}


def test_a_clean_cluster_has_no_stale_owner(tmp_path: Path) -> None:
    assert Cluster(tmp_path).stale_owner() == {}


def _cluster_left_by(pid: int, folder: Path, program: str) -> Cluster:
    (folder / "data").mkdir()
    (folder / "data" / "postmaster.pid").write_text(f"{pid}\n/data\n1700000000\n5432\n")
    (folder / "proc" / str(pid)).mkdir(parents=True)
    (folder / "proc" / str(pid) / "comm").write_text(f"{program}\n")
    return Cluster(folder, processes=folder / "proc")
