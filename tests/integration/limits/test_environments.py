"""A gateway where nothing is set up for it: no UTF-8 locale, a umask that takes every right from others, no root."""

import json
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from libs.testing.keys import API_KEY
from libs.testing.model_server import ModelServer, Reply, Rule, server_entry
from libs.testing.processes import IMPORT_ROOT, ProcessContext, moe
from libs.testing.stores import valkey
from tests.support.direct_gateway import WEATHER
from tests.support.up_fleet import MOE, UpFleet, running

pytestmark = pytest.mark.embedded
QUESTION = "Wie ist das Wetter in Köln? 天気は? 🌦"
ANSWER = "Sonnig, 25 °C, schön ☀"
C_LOCALE = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}


@asynccontextmanager
async def gateway(folder: Path, before: str) -> AsyncIterator[UpFleet]:
    """Run `moe up gateway` in a C locale behind these shell words."""
    async with valkey() as redis_url, ModelServer((Rule(Reply(ANSWER)),)) as models:
        entry = server_entry(models)
        variables = {
            "INFERENCE_SERVERS": json.dumps([{"name": entry.name, "url": entry.url, "api_type": "openai"}]),
            "JUDGE_MODEL": "judge@scripted",
            "REDIS_URL": redis_url,
            "MOE_BOOTSTRAP_API_KEY": API_KEY,
            **C_LOCALE,
        }
        command = ("sh", "-c", f'{before} exec "$0" "$@"', str(MOE), "up", "gateway")
        async with running(UpFleet(folder, variables, command=command)) as fleet:
            yield fleet


async def answer_of(fleet: UpFleet) -> str:
    body = {"model": "judge@scripted", "messages": [{"role": "user", "content": QUESTION}], "tools": [WEATHER]}
    headers = {"authorization": f"Bearer {API_KEY}"}
    async with httpx.AsyncClient(trust_env=False, timeout=120) as client:
        response = await client.post(f"{fleet.url}/v1/chat/completions", json=body, headers=headers)
    assert response.status_code == 200, response.text
    return str(response.json()["choices"][0]["message"]["content"])


def user_of(fleet: UpFleet) -> int:
    """User that the process is in its own eyes."""
    return int(Path(f"/proc/{fleet.running.pid}/uid_map").read_text().split()[0]) or os.getuid()


async def test_texts_pass_unchanged_without_a_utf8_locale_and_no_file_is_for_others(tmp_path: Path) -> None:
    async with gateway(tmp_path / "fleet", "umask 077;") as fleet:
        assert await answer_of(fleet) == ANSWER
        modes = {str(path): stat.S_IMODE(path.stat().st_mode) for path in fleet.data_dir.rglob("*")}
        assert {path for path, mode in modes.items() if mode & 0o077} == set()
        assert "Traceback" not in fleet.errors
        fleet.interrupt()
        assert await fleet.ended() == 0


async def test_a_umask_that_takes_nothing_leaves_no_secret_to_others(tmp_path: Path) -> None:
    async with gateway(tmp_path / "fleet", "umask 000;") as fleet:
        await answer_of(fleet)
        keys = list(fleet.data_dir.rglob("*.key")) + list(fleet.data_dir.rglob("*.spool"))
        assert keys
        assert {path.name for path in keys if stat.S_IMODE(path.stat().st_mode) & 0o077} == set()


async def test_an_ordinary_user_runs_it(tmp_path: Path) -> None:
    """As root by a user namespace in which the process is user 1000 and nothing else; others are ordinary anyway."""
    become = 'if [ $(id -u) = 0 ]; then exec unshare --user --map-user=1000 --map-group=1000 "$0" "$@"; fi;'
    async with gateway(tmp_path / "fleet", become) as fleet:
        assert user_of(fleet) != 0
        assert await answer_of(fleet) == ANSWER


async def test_every_command_prints_its_help_without_a_utf8_locale() -> None:
    place = ProcessContext({"PATH": os.defpath, **C_LOCALE}, IMPORT_ROOT)
    for command in (("--help",), ("up", "--help"), ("replay", "--help"), ("doctor", "--help")):
        ended = await moe(place, *command)
        assert (ended.code, ended.errors) == (0, "")
