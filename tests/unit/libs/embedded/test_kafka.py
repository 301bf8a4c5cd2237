import stat
from pathlib import Path

import pytest

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.kafka import jars, java
from libs.embedded.kafka.access import BrokerAccess
from libs.embedded.kafka.jars import KAFKA_VERSION, ensure_jars, maven_command
from libs.embedded.kafka.properties import rendered
from libs.embedded.kafka.store import new_cluster_id
from libs.embedded.store import Owner

ACCESS = BrokerAccess("s3cret", "other-s3cret")


def test_broker_and_controller_listen_on_loopback_alone() -> None:
    lines = rendered(20_001, 20_002, Path("/data"), ACCESS).splitlines()
    assert "listeners=BROKER://127.0.0.1:20001,CONTROLLER://127.0.0.1:20002" in lines
    assert "controller.quorum.voters=1@127.0.0.1:20002" in lines


def test_both_listeners_authenticate() -> None:
    lines = rendered(1, 2, Path("/data"), ACCESS).splitlines()
    assert "listener.security.protocol.map=BROKER:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT" in lines
    assert "listener.name.broker.sasl.enabled.mechanisms=SCRAM-SHA-512" in lines
    assert "listener.name.controller.sasl.enabled.mechanisms=PLAIN" in lines


def test_passwords_are_generated_once_and_no_one_else_can_read_them(tmp_path: Path) -> None:
    first = BrokerAccess.stored_in(tmp_path)
    assert BrokerAccess.stored_in(tmp_path) == first
    assert len({first.password, first.controller_password}) == 2
    files = list(tmp_path.iterdir())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert {file.read_text() for file in files} == {first.password, first.controller_password}
    assert first.password not in repr(first)
    assert first.password not in repr(first.connection_to("127.0.0.1:1"))


def test_topics_are_never_made_by_accident() -> None:
    assert "auto.create.topics.enable=false" in rendered(1, 2, Path("/data"), ACCESS).splitlines()


def test_a_data_dir_with_umlauts_is_escaped_as_java_reads_it() -> None:
    assert "log.dirs=/daten/k\\u00fcche\n" in rendered(1, 2, Path("/daten/küche"), ACCESS)


def test_the_jars_are_those_of_the_version_we_name() -> None:
    pom = Path(jars.__file__).with_name("pom.xml").read_text()
    assert f"<artifactId>kafka_2.13</artifactId>\n      <version>{KAFKA_VERSION}</version>" in pom


def test_maven_copies_what_the_broker_needs_at_run_time_and_no_more() -> None:
    command = maven_command("/usr/bin/mvn", Path("/cache/new"))
    assert command[0] == "/usr/bin/mvn"
    assert {"-DoutputDirectory=/cache/new", "-DincludeScope=runtime"} <= set(command)


async def test_without_maven_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedStoreFailed, match=r"install Maven .* MOE_EMBEDDED_KAFKA=tansu needs nothing") as failed:
        await ensure_jars(tmp_path / "cache", Path("/usr/bin/java"), tmp_path / "log", Owner(list[str]().append))
    assert "\n" not in str(failed.value)


async def test_jars_that_are_there_need_no_maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    kept = tmp_path / "cache" / f"kafka-{KAFKA_VERSION}"
    kept.mkdir(parents=True)
    assert (
        await ensure_jars(tmp_path / "cache", Path("/usr/bin/java"), tmp_path / "log", Owner(list[str]().append))
        == kept
    )


@pytest.mark.parametrize(
    ("told", "major"),
    [('openjdk version "17.0.15" 2025-04-15', 17), ('java version "1.8.0_401"', 1), ("no such thing", 0)],
)
async def test_the_version_of_a_runtime_is_read(told: str, major: int, tmp_path: Path) -> None:
    assert await java.major_version(_fake_java(tmp_path, told)) == major


async def test_an_old_java_on_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _fake_java(tmp_path, 'java version "1.8.0_401"')
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(java, "wheel_java", lambda: Path("/wheel/java"))
    assert await java.find_java() == Path("/wheel/java")


async def test_without_any_java_the_error_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(java, "wheel_java", lambda: None)
    with pytest.raises(EmbeddedStoreFailed, match="needs Java 17 or newer"):
        await java.find_java()


def test_a_cluster_id_is_what_kafka_accepts() -> None:
    ids = [new_cluster_id() for _ in range(300)]
    assert {len(text) for text in ids} == {22}
    assert not [text for text in ids if text.startswith("-")]


def _fake_java(folder: Path, told: str) -> Path:
    path = folder / "java"
    path.write_text(f"#!/bin/sh\necho '{told}' >&2\n")
    path.chmod(0o755)
    return path
