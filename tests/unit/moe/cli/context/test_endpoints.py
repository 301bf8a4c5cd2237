"""Operator commands find the stores of the fleet that runs beside them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from libs.core.errors import ConfigurationError
from libs.runtime.settings.kafka_connection import SaslCredentials
from moe.cli.context.cli_context import read_cli_context
from moe.cli.context.embedded_stores import ENDPOINTS_FILE, write_endpoints
from moe.cli.context.endpoints import broker_settings, postgres_url, running_fleet


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
    assert broker_settings().bootstrap == "broker:9092,other:9092"
    assert postgres_url() == "postgresql://configured/moe"


def test_otherwise_the_running_fleet_s_is_taken(data_dir: Path) -> None:
    write(data_dir, kafka="kafka://127.0.0.1:1", postgres="postgresql://file/moe")
    assert broker_settings().bootstrap == "127.0.0.1:1"
    assert postgres_url() == "postgresql://file/moe"


def test_the_running_fleet_s_broker_is_reached_with_its_password(data_dir: Path) -> None:
    given = {"KAFKA_URL": "kafka://127.0.0.1:1", "MOE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT"}
    given |= {"MOE_KAFKA_SASL_USERNAME": "moe", "MOE_KAFKA_SASL_PASSWORD": "s3cret"}
    write_endpoints(data_dir, given, None)
    assert (data_dir / ENDPOINTS_FILE).stat().st_mode & 0o777 == 0o600
    names = {"kafka_security_protocol", "kafka_sasl_username", "kafka_sasl_password"}  # files outlive releases
    assert names <= json.loads((data_dir / ENDPOINTS_FILE).read_text()).keys()
    assert broker_settings().connection.sasl == SaslCredentials("moe", "s3cret")
    assert read_cli_context().settings.connection.sasl == SaslCredentials("moe", "s3cret")


def test_the_password_of_the_running_fleet_is_not_sent_to_a_configured_broker(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(data_dir, kafka="kafka://127.0.0.1:1", kafka_security_protocol="SASL_PLAINTEXT", kafka_sasl_password="s3cret")
    monkeypatch.setenv("KAFKA_URL", "kafka://broker:9092")
    assert broker_settings().connection.sasl is None
    assert read_cli_context().settings.connection.sasl is None


@pytest.mark.parametrize("content", [None, "{}", '{"kafka": null, "postgres": 5}', "[]"])
def test_no_address_anywhere_is_said_with_the_variable(data_dir: Path, content: str | None) -> None:
    if content is not None:
        (data_dir / ENDPOINTS_FILE).write_text(content)
    with pytest.raises(ConfigurationError, match=r"^KAFKA_URL: not set"):
        broker_settings()
    with pytest.raises(ConfigurationError, match=r"^POSTGRES_CHECKPOINT_URL: not set"):
        postgres_url()


def test_a_fleet_that_was_killed_is_not_asked(data_dir: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    (data_dir / ENDPOINTS_FILE).write_text(json.dumps({"pid": ended.pid, "kafka": "kafka://127.0.0.1:1"}))
    assert running_fleet(data_dir) == {}
    with pytest.raises(ConfigurationError, match="no fleet runs on this data directory"):
        broker_settings()
    (data_dir / ENDPOINTS_FILE).write_text(json.dumps({"pid": os.getpid(), "kafka": "kafka://127.0.0.1:1"}))
    assert running_fleet(data_dir) == {"kafka": "kafka://127.0.0.1:1"}


def test_a_broken_file_is_said_to_be_broken(data_dir: Path) -> None:
    (data_dir / ENDPOINTS_FILE).write_text("{")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        postgres_url()
