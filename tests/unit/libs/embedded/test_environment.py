"""Programs that need our environment get no secrets of it."""

from pathlib import Path

import pytest

from libs.core.key_roots import ROOTS
from libs.embedded.environment import program_environment
from libs.embedded.kafka.jars import KAFKA_VERSION, ensure_jars
from libs.embedded.llama import Llama
from libs.embedded.store import Folders, Owner

SECRET = "5ecre7"
SECRETS = (
    *(name for root in ROOTS for name in (root.variable, root.previous)),
    "MOE_BOOTSTRAP_API_KEY",
    "MOE_DATABASE_PASSWORDS",
    "MOE_KAFKA_SASL_PASSWORD",
    "INFERENCE_SERVERS",
    "POSTGRES_CHECKPOINT_URL",
    "REDIS_URL",
    "OPENAI_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
)
_MAVEN = """#!/bin/sh
for word in "$@"; do case "$word" in -DoutputDirectory=*) folder="${word#*=}";; esac; done
mkdir -p "$folder" && env > "$folder/environment"
"""


@pytest.fixture
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, SECRET)


def test_an_environment_without_secrets_still_runs_programs() -> None:
    ours = {"PATH": "/bin", "LD_LIBRARY_PATH": "/opt", "PYTHONHOME": "/py", "LC_ALL": "C", "TZ": "UTC", "ANY": "thing"}
    assert program_environment(ours) == {name: value for name, value in ours.items() if name != "ANY"}


@pytest.mark.usefixtures("secrets")
def test_the_model_server_which_reads_prompts_holds_no_secret_of_the_fleet(tmp_path: Path) -> None:
    env = Llama(Folders(home=tmp_path, log=tmp_path / "log"), tmp_path / "m.gguf").launch(20_123).job.env
    assert env is not None
    assert "PATH" in env
    assert SECRET not in env.values()


@pytest.mark.usefixtures("secrets")
async def test_maven_which_runs_fetched_code_holds_no_secret_of_the_fleet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    maven = tmp_path / "mvn"
    maven.write_text(_MAVEN)
    maven.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    (tmp_path / "cache").mkdir()
    jars = await ensure_jars(tmp_path / "cache", tmp_path / "java", tmp_path / "log", Owner(list[str]().append))
    assert jars.name == f"kafka-{KAFKA_VERSION}"
    assert SECRET not in (jars / "environment").read_text()
