"""Operator commands find the stores of the fleet that runs beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from libs.core.errors import ConfigurationError
from services.cli.embedding import ENDPOINTS_FILE
from services.cli.endpoints import kafka_bootstrap, postgres_url, running_fleet


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path))
    for name in ("KAFKA_URL", "POSTGRES_CHECKPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def write(data_dir: Path, **addresses: str | None) -> None:
    (data_dir / ENDPOINTS_FILE).write_text(json.dumps(addresses))


def test_a_configured_address_wins(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(data_dir, kafka="kafka://127.0.0.1:1", postgres="postgresql://file/moe")
    monkeypatch.setenv("KAFKA_URL", "kafka://broker:9092,kafka://other:9092")
    monkeypatch.setenv("POSTGRES_CHECKPOINT_URL", "postgresql://configured/moe")
    assert kafka_bootstrap() == "broker:9092,other:9092"
    assert postgres_url() == "postgresql://configured/moe"


def test_otherwise_the_running_fleet_s_is_taken(data_dir: Path) -> None:
    write(data_dir, kafka="kafka://127.0.0.1:1", postgres="postgresql://file/moe")
    assert kafka_bootstrap() == "127.0.0.1:1"
    assert postgres_url() == "postgresql://file/moe"


@pytest.mark.parametrize("content", [None, "{}", '{"kafka": null, "postgres": 5}', "[]"])
def test_no_address_anywhere_is_said_with_the_variable(data_dir: Path, content: str | None) -> None:
    if content is not None:
        (data_dir / ENDPOINTS_FILE).write_text(content)
    with pytest.raises(ConfigurationError, match=r"^KAFKA_URL: not set"):
        kafka_bootstrap()
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: not set"):
        postgres_url()


def test_a_fleet_that_was_killed_is_not_asked(data_dir: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (data_dir / ENDPOINTS_FILE).write_text(json.dumps({"pid": ended.pid, "kafka": "kafka://127.0.0.1:1"}))
    assert running_fleet(data_dir) == {}
    with pytest.raises(ConfigurationError, match="no fleet runs on this data directory"):
        kafka_bootstrap()
    (data_dir / ENDPOINTS_FILE).write_text(json.dumps({"pid": os.getpid(), "kafka": "kafka://127.0.0.1:1"}))
    assert running_fleet(data_dir) == {"kafka": "kafka://127.0.0.1:1"}


def test_a_broken_file_is_said_to_be_broken(data_dir: Path) -> None:
    (data_dir / ENDPOINTS_FILE).write_text("{")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        postgres_url()
