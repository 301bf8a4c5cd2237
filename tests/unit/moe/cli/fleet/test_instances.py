"""Names of instances: no two processes have the same, and one that was killed has its own again."""

import re
from pathlib import Path

import pytest

from libs.adapters.files.instance_slot import installation_id
from libs.core.errors import ConfigurationError
from libs.runtime.settings import BusSettings, ProcessSettings
from moe.cli.fleet.instances import claimed

BUS = BusSettings(kafka_url="kafka://a:1")


def place(folder: Path, ordinal: str = "") -> ProcessSettings:
    return ProcessSettings(data_dir=folder, instance_ordinal=ordinal)


def test_two_replicas_of_one_service_are_the_first_and_the_second(tmp_path: Path) -> None:
    with claimed(["planner"], place(tmp_path), BUS) as one, claimed(["planner"], place(tmp_path), BUS) as other:
        assert [one["planner"][-2:], other["planner"][-2:]] == ["-0", "-1"]
    with claimed(["planner"], place(tmp_path), BUS) as again:
        assert again == one


def test_services_count_their_instances_apart(tmp_path: Path) -> None:
    with claimed(["planner"], place(tmp_path), BUS), claimed(["merger", "critic"], place(tmp_path), BUS) as names:
        assert {name: value[-2:] for name, value in names.items()} == {"merger": "-0", "critic": "-0"}


def test_containers_with_data_directories_of_their_own_have_different_names(tmp_path: Path) -> None:
    with (
        claimed(["planner"], place(tmp_path / "a"), BUS) as one,
        claimed(["planner"], place(tmp_path / "b"), BUS) as other,
    ):
        assert one != other


def test_a_data_directory_keeps_its_name(tmp_path: Path) -> None:
    first = installation_id(tmp_path)
    assert re.fullmatch("[0-9a-f]{8}", first)
    assert installation_id(tmp_path) == first


def test_a_pod_has_the_name_of_its_ordinal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "planner-3")
    with claimed(["planner"], place(tmp_path, "hostname"), BUS) as names:
        assert names == {"planner": "3"}
    with claimed(["planner"], place(tmp_path, "07"), BUS) as names:
        assert names == {"planner": "7"}
    assert list(tmp_path.iterdir()) == []


def test_where_the_broker_knows_no_static_members_nobody_takes_a_name(tmp_path: Path) -> None:
    bus = BusSettings(kafka_url="kafka://a:1", static_members=False)
    with claimed(["planner"], place(tmp_path), bus) as names:
        assert names == {}
    assert list(tmp_path.iterdir()) == []


def test_without_a_place_for_the_lock_the_start_stops_naming_the_setting(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(ConfigurationError, match="MOE_DATA_DIR"),
        claimed(["planner"], place(tmp_path / "file"), BUS),
    ):
        pass
