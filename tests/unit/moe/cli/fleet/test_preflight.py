"""Settings of `moe up` before it starts anything."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from libs.core.errors import ConfigurationError
from libs.embedded.choice import EmbeddedChoice, EmbeddedStores
from libs.runtime.settings import BusSettings, ProcessSettings
from libs.runtime.settings.kafka_connection import SaslCredentials
from libs.testing.keys import API_KEY, SIGNING_KEY, roots_beside
from libs.testing.ports import own_port
from moe.cli.context.embedded_stores import (
    EmbeddedSettings,
    choice_for,
    made_keys,
    missing_stores,
    variables_before_start,
    variables_of,
)
from moe.cli.fleet.banner import banner, gateway_url
from moe.cli.fleet.preflight import check_services
from moe.registry import SERVICES, metrics_port

ADDRESSES = ("KAFKA_URL", "REDIS_URL", "POSTGRES_CHECKPOINT_URL", "INFERENCE_SERVERS", "JUDGE_MODEL")
KEYS = {
    **roots_beside(SIGNING_KEY),
    "MOE_BOOTSTRAP_API_KEY": API_KEY,
}


@pytest.fixture(autouse=True)
def bare_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*ADDRESSES, *KEYS, "MOE_EMBEDDED_MODEL", "PLANNER_MODEL", "EXPERT_MODELS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("MOE_DATA_DIR", str(tmp_path / "var"))
    for name in ("MOE_PORT", "MOE_MCP_PORT"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setenv("MOE_METRICS_PORT", str(own_port()))


@pytest.fixture
def taken() -> Iterator[int]:
    """A port with a foreign listener."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def choice(services: tuple[str, ...] = SERVICES) -> EmbeddedChoice:
    return choice_for(EmbeddedSettings.read(), services)


def embedded(services: tuple[str, ...] = SERVICES) -> tuple[str, ...]:
    """Variables of the stores that would be started."""
    return tuple(variables_before_start(choice(services)))


def given() -> dict[str, str]:
    return {**variables_before_start(missing_stores(EmbeddedSettings.read(), SERVICES)), **KEYS}


def test_without_addresses_every_store_is_embedded(tmp_path: Path) -> None:
    chosen = EmbeddedChoice(tmp_path / "var", kafka="tansu", valkey=True, postgres=True, model="default")
    assert choice() == chosen
    assert embedded() == ADDRESSES


def test_a_configured_store_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAFKA_URL", "kafka://broker:9092")
    monkeypatch.setenv("POSTGRES_CHECKPOINT_URL", "postgresql://db/moe")
    assert embedded() == ("REDIS_URL", "INFERENCE_SERVERS", "JUDGE_MODEL")


def test_a_store_that_no_service_needs_is_not_started() -> None:
    assert embedded(("mcp",)) == ("KAFKA_URL",)
    assert embedded(("critic",)) == ("KAFKA_URL", "INFERENCE_SERVERS", "JUDGE_MODEL")


def test_a_model_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_EMBEDDED_MODEL", "/nowhere/model.gguf")
    with pytest.raises(ConfigurationError, match=r"^MOE_EMBEDDED_MODEL: there is no file"):
        choice()


@pytest.mark.parametrize("variable", ["JUDGE_MODEL", "PLANNER_MODEL", "EXPERT_MODELS"])
def test_a_model_without_a_server_is_refused_and_not_replaced(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "mine:70b")
    with pytest.raises(ConfigurationError, match=rf"^INFERENCE_SERVERS: names no server, so {variable} "):
        choice()
    assert choice(("mcp",)).model is None
    monkeypatch.setenv("INFERENCE_SERVERS", "[]")
    assert choice().model is None


def test_only_the_memory_broker_needs_the_fleet_to_wake_itself() -> None:
    memory = BusSettings.read(variables_of(EmbeddedStores(kafka="127.0.0.1:1", kafka_incarnation="a")))
    durable = BusSettings.read(variables_of(EmbeddedStores(kafka="127.0.0.1:1", kafka_durable=True)))
    assert (memory.fetch_pause_ms > 0, memory.idempotent) == (True, False)
    assert (durable.fetch_pause_ms, durable.fetch_wait_ms, durable.idempotent) == (0, 5000, True)


def test_only_the_log_of_the_memory_broker_ends_with_it() -> None:
    memory = BusSettings.read(variables_of(EmbeddedStores(kafka="127.0.0.1:1", kafka_incarnation="a")))
    durable = variables_of(EmbeddedStores(kafka="127.0.0.1:1", kafka_incarnation="a", kafka_durable=True))
    assert memory.log_ends_with_broker
    assert not BusSettings.read(durable).log_ends_with_broker
    assert BusSettings.read(durable).log_incarnation == "a"  # positions of another log are not taken for its own


def test_clients_of_the_durable_broker_authenticate_on_loopback() -> None:
    stores = EmbeddedStores(kafka="127.0.0.1:1", kafka_durable=True, kafka_username="moe", kafka_password="s3cret")
    connection = BusSettings.read(variables_of(stores)).connection
    assert connection.protocol == "SASL_PLAINTEXT"
    assert connection.sasl == SaslCredentials("moe", "s3cret")
    assert "s3cret" not in repr(stores)


def test_security_of_a_broker_that_is_not_named_is_refused_and_not_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
    with pytest.raises(ConfigurationError, match=r"^MOE_KAFKA_SECURITY_PROTOCOL: .* KAFKA_URL, which is not set"):
        choice()
    monkeypatch.setenv("KAFKA_URL", "kafka://broker:9092")
    assert choice().kafka is None


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    made = made_keys(EmbeddedSettings.read())
    assert made == made_keys(EmbeddedSettings.read())
    assert made["MOE_BOOTSTRAP_API_KEY"] == (tmp_path / "var" / "bootstrap.key").read_text()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "var").glob("*.key")} == {0o600}


def test_a_configured_key_is_not_made_and_not_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, key in KEYS.items():
        monkeypatch.setenv(name, key)
    assert made_keys(EmbeddedSettings.read()) == {}
    assert not (tmp_path / "var").exists()
    assert "API key  as set in MOE_BOOTSTRAP_API_KEY" in list(banner("http://127.0.0.1:8002", {}))


def test_a_data_directory_that_cannot_be_made_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_DATA_DIR", "/proc/nowhere")
    with pytest.raises(ConfigurationError, match=r"^MOE_DATA_DIR: cannot use"):
        made_keys(EmbeddedSettings.read())


def test_good_settings_pass_and_leave_nothing_behind(tmp_path: Path) -> None:
    check_services(SERVICES, given())
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOE_PORT", "99999"),
        ("MOE_INSTANCE_ORDINAL", "first"),
        ("REDIS_URL", "nonsense"),
        ("POSTGRES_CHECKPOINT_URL", "nonsense"),
        ("KAFKA_URL", "no address"),
        ("HISTORY_MAX_TURNS", "few"),
        ("EXPERT_MODELS", "{"),
        ("JUDGE_ENDPOINT", "elsewhere"),
        ("EMBEDDING_MODEL", "e5@elsewhere"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_starts(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match=rf"^{name}: "):
        check_services(SERVICES, given())


def test_a_short_signing_key_is_refused() -> None:
    with pytest.raises(ConfigurationError, match=r"^MOE_SIGNING_KEY: "):
        check_services(SERVICES, {**given(), "MOE_SIGNING_KEY": "short"})


@pytest.mark.parametrize(
    ("variable", "services"),
    [("MOE_PORT", SERVICES), ("MOE_MCP_PORT", SERVICES), ("MOE_METRICS_PORT", ("planner", "merger"))],
)
def test_a_taken_port_is_refused_with_its_variable(
    monkeypatch: pytest.MonkeyPatch, taken: int, variable: str, services: tuple[str, ...]
) -> None:
    monkeypatch.setenv(variable, str(taken))
    with pytest.raises(ConfigurationError, match=rf"^{variable}: cannot listen on 127\.0\.0\.1:{taken}: "):
        check_services(services, given())


def test_two_services_on_one_port_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
    for variable in ("MOE_PORT", "MOE_MCP_PORT"):
        monkeypatch.setenv(variable, str(port))
    with pytest.raises(ConfigurationError, match=r"^MOE_MCP_PORT: cannot listen"):
        check_services(SERVICES, given())


def test_a_host_that_is_not_ours_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_HOST", "192.0.2.1")
    with pytest.raises(ConfigurationError, match=r"^MOE_HOST: cannot listen"):
        check_services(SERVICES, given())


def test_metrics_have_a_host_and_a_port_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    process = ProcessSettings.read({})
    assert process.metrics_host == "127.0.0.1"
    assert (metrics_port(("gateway", "planner")), metrics_port(("planner",))) == (9470, 9471)
    monkeypatch.setenv("MOE_METRICS_HOST", "192.0.2.1")
    with pytest.raises(ConfigurationError, match=r"^MOE_METRICS_HOST: cannot listen"):
        check_services(SERVICES, given())


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8002"),
        ("0.0.0.0", "http://127.0.0.1:8002"),
        ("::", "http://[::1]:8002"),
        ("fd00::7", "http://[fd00::7]:8002"),
    ],
)
def test_the_banner_shows_an_address_that_a_client_here_can_use(host: str, url: str) -> None:
    assert gateway_url(host, 8002) == url
