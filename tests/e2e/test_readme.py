"""Every command of the README works as documented, on the ports of a test."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from libs.testing.keys import API_KEY
from libs.testing.model_server import ModelServer
from libs.testing.ports import own_port
from libs.testing.processes import IMPORT_ROOT
from libs.testing.stores import postgres, tansu, valkey
from libs.testing.waiting import waiting
from moe.cli.root import COMMANDS
from moe.registry import SERVICES
from tests.support.readme_blocks import README, Block, blocks, commands_in_text, example, targets_of
from tests.support.up_fleet import UpFleet, running

module = pytest.mark.asyncio(loop_scope="module")

EXECUTED = {"curl", "sdk", "replay", "doctor", "models", "serve"}
NOT_EXECUTED = {
    "flowchart": "a picture",
    "make run": "it installs, which takes minutes; what it starts is `moe up`, which runs here and in test_up.py",
}
MODEL_SERVER = "http://127.0.0.1:11434/v1"
# Several processes on the memory broker: it has no idempotent producer and does not wake a fetch that waits.
ON_TANSU = {"MOE_KAFKA_FETCH_WAIT_MS": "15", "MOE_KAFKA_IDEMPOTENCE": "false"}


def loose(found: tuple[Block, ...]) -> list[str]:
    unmarked = [block.code for block in found if not block.name]
    unlisted = sorted({block.name for block in found if block.name} ^ EXECUTED)
    return unlisted + [code for code in unmarked if not any(code.startswith(known) for known in NOT_EXECUTED)]


def test_every_block_is_executed_or_listed_with_a_reason() -> None:
    assert loose(blocks(README)) == []


def test_a_block_that_nobody_executes_is_found() -> None:
    added = "\n```sh\nrm -rf /\n```\n\n<!-- example: new -->\n```sh\ntrue\n```\n"
    assert loose(blocks(README + added)) == ["new", "rm -rf /\n"]


def test_every_target_and_command_that_is_named_exists() -> None:
    targets, commands = commands_in_text(README)
    assert targets <= targets_of(IMPORT_ROOT / "Makefile")
    assert commands <= set(COMMANDS)
    assert {"run", "test"} <= targets
    assert {"up", "serve", "replay", "doctor", "topics"} <= commands


def test_make_run_is_moe_up() -> None:
    shown = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "run"],
        cwd=IMPORT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert shown.stdout.splitlines()[-1] == "exec .venv/bin/moe up"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[UpFleet]:
    """A fleet in a folder like the clone of a reader, with `.venv` and `var` in it."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / ".venv").symlink_to(sys.prefix)
    async with running(UpFleet(folder, {"MOE_DATA_DIR": "var"}, cwd=folder)) as ready:
        yield ready


async def shell(folder: Path, script: str, variables: dict[str, str] | None = None) -> str:
    """Run a script as a reader would; return its output."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(folder), **(variables or {})}  # noqa: TID251 - handed on
    ran = await asyncio.to_thread(
        subprocess.run,
        ["bash", "-euc", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert ran.returncode == 0, f"{script}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def here(fleet: UpFleet) -> dict[str, str]:
    return {"127.0.0.1:8002": f"127.0.0.1:{fleet.port}"}


@pytest.mark.embedded
@module
async def test_curl_streams_an_answer_and_replay_tells_how_it_came_about(fleet: UpFleet) -> None:
    output = await shell(fleet.folder, example("curl", here(fleet)))
    lines = [line.removeprefix("data: ") for line in output.splitlines() if line.startswith("data: ")]
    assert lines[-1] == "[DONE]"
    chunks = [json.loads(line) for line in lines[:-1]]
    assert sum(bool(chunk["choices"][0]["delta"].get("content")) for chunk in chunks) > 1
    assert "SmolLM2" in await replayed(fleet, chunks[0]["id"])


async def replayed(fleet: UpFleet, response_id: str) -> str:
    """Output of the example once the journal has the end, shortly after the client has it."""
    async with waiting(60):
        while True:
            told = await shell(fleet.folder, f"{example('replay').strip()} || true", {"RESPONSE_ID": response_id})
            if "answer-finished" in told:
                return told


@pytest.mark.embedded
@module
async def test_the_sdk_example_prints_the_exact_answer(fleet: UpFleet) -> None:
    (fleet.folder / "ask.py").write_text(example("sdk", here(fleet)))
    assert "172.20.159.255" in await shell(fleet.folder, ".venv/bin/python ask.py")


@pytest.mark.embedded
@module
async def test_the_doctor_example_finds_nothing_wrong(fleet: UpFleet) -> None:
    told = await shell(fleet.folder, example("doctor"))
    assert "fleet" in told
    assert "fail" not in told


@pytest.mark.embedded
@module
async def test_the_example_with_a_model_server_uses_it_for_everything(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    async with ModelServer(models=("phi4:14b",)) as server:
        script = example("models", {MODEL_SERVER: server.url, "make run": "exec .venv/bin/moe up"})
        fleet = UpFleet(tmp_path, {"MOE_DATA_DIR": "var"}, cwd=tmp_path, command=("bash", "-euc", script))
        async with running(fleet):
            answer = (await fleet.post("How should I size a connection pool? #pool")).json()
            assert "#pool" in answer["choices"][0]["message"]["content"]
            assert {call.model for call in server.calls} == {"phi4:14b"}
            fleet.running.terminate()
            assert await fleet.ended() == 0


@pytest.mark.embedded
@module
async def test_the_example_with_services_apart_answers(tmp_path: Path) -> None:
    (tmp_path / ".venv").symlink_to(sys.prefix)
    async with tansu() as kafka, valkey() as redis_url, postgres() as postgres_url, ModelServer() as server:
        addresses = {
            "127.0.0.1:9092": kafka,
            "redis://127.0.0.1:6379": redis_url,
            "postgresql://moe:secret@127.0.0.1:5432/moe": postgres_url,
            MODEL_SERVER: server.url,
            "&& set +a": f"&& set +a && export MOE_BOOTSTRAP_API_KEY={API_KEY}",
        }
        script = all_of_them(example("serve", addresses))
        variables = {"MOE_DATA_DIR": "var", **ON_TANSU}
        fleet = UpFleet(tmp_path, variables, cwd=tmp_path, command=("bash", "-euc", script))
        async with running(fleet):
            (fleet.data_dir / "bootstrap.key").write_text(API_KEY)
            answer = (await fleet.post("How should I size a connection pool? #pool")).json()
            assert "#pool" in answer["choices"][0]["message"]["content"]
            ports = fleet.look()
            fleet.interrupt()
            await fleet.nothing_left(ports)


def all_of_them(script: str) -> str:
    """Example with the services that its comment names, each with probes on a separate port."""
    started = re.findall(r"moe serve ([a-z-]+) &", script)
    (rest,) = re.findall(r"# (expert-worker.*)$", script, re.MULTILINE)
    named = [*started, *rest.split(", ")]
    assert sorted(named) == sorted(SERVICES)
    others = "\n".join(f".venv/bin/moe serve {name} &" for name in named if name not in started)
    lines = f"trap '' INT\n{script}\n{others}\nwait\n".splitlines(keepends=True)
    return "".join(f"MOE_METRICS_PORT={own_port()} {line}" if "moe serve" in line else line for line in lines)
