"""Renamed variables: an old one stops the start with one line that names the new one."""

import pytest

from libs.core.errors import ConfigurationError
from libs.runtime.settings import BusSettings, ProcessSettings
from libs.runtime.settings.renamed import RENAMED
from moe.cli.context.known_settings import classes, without_effect

READ = {str(field.validation_alias): kind for kind in classes().values() for field in kind.model_fields.values()}


@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_an_old_variable_stops_the_start_and_names_its_successor(
    monkeypatch: pytest.MonkeyPatch, old: str, new: str
) -> None:
    monkeypatch.setenv(old, "1")
    with pytest.raises(ConfigurationError) as caught:
        READ[new].read()
    assert str(caught.value) == f"{old} was renamed: set {new} instead"


def test_an_old_variable_is_found_in_either_case_and_beside_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("moe_retry_patience", "60")
    monkeypatch.setenv("MOE_RETRY_MAX_ELAPSED", "60")
    with pytest.raises(ConfigurationError, match=r"^MOE_RETRY_PATIENCE was renamed"):
        ProcessSettings.read()


def test_an_old_variable_that_is_given_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"set MOE_KAFKA_FETCH_WAIT_MS instead$"):
        BusSettings.read({"MOE_FETCH_WAIT_MS": "5"})


def test_an_old_variable_without_a_value_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_RETRY_PATIENCE", "")
    assert ProcessSettings.read().retry_max_elapsed_s == 60


def test_an_old_variable_of_another_service_stops_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_MAX_DIRECT", "8")
    assert BusSettings.read().fetch_wait_ms == 5000


def test_nothing_reads_an_old_variable() -> None:
    assert not RENAMED.keys() & READ.keys()


def test_the_doctor_names_the_successor_of_an_old_variable() -> None:
    assert list(without_effect(["MOE_MAX_DIRECT"])) == [
        "MOE_MAX_DIRECT was renamed: set MOE_MAX_DIRECT_IN_FLIGHT instead"
    ]
