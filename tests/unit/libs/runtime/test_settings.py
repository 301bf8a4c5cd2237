"""Settings: their sources, and the one line that names an error."""

import pytest
from pydantic import Field, SecretStr

from libs.core.errors import ConfigurationError
from libs.runtime.settings import BusSettings, ProcessSettings, Settings


class Sample(Settings):
    limit: int = Field(5, ge=1, validation_alias="MOE_SAMPLE_LIMIT", description="A limit")
    secret: SecretStr = Field(SecretStr(""), validation_alias="MOE_SAMPLE_SECRET", description="A secret")


def test_a_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_SAMPLE_LIMIT", "7")
    assert Sample.read().limit == 7


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_SAMPLE_LIMIT", "")
    assert Sample.read().limit == 5


def test_what_is_given_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOE_SAMPLE_LIMIT", "7")
    assert Sample.read({"MOE_SAMPLE_LIMIT": "8", "SOMETHING_ELSE": "x"}).limit == 8


@pytest.mark.parametrize("value", ["many", "0", "1.5"])
def test_a_wrong_value_is_one_line_that_names_the_variable(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("MOE_SAMPLE_LIMIT", value)
    with pytest.raises(ConfigurationError) as caught:
        Sample.read()
    assert str(caught.value).startswith("MOE_SAMPLE_LIMIT: ")
    assert "\n" not in str(caught.value)


def test_a_secret_is_not_shown() -> None:
    assert "1234" not in repr(Sample.read({"MOE_SAMPLE_SECRET": "1234"}))


@pytest.mark.parametrize(
    ("url", "bootstrap"),
    [
        ("kafka://127.0.0.1:9092", "127.0.0.1:9092"),
        ("broker-1:9092", "broker-1:9092"),
        ("kafka://a:9092, kafka://b:9093", "a:9092,b:9093"),
        ("kafka://a:9092,b:9093", "a:9092,b:9093"),
        ("kafka://[::1]:9092", "[::1]:9092"),
    ],
)
def test_addresses_of_brokers(url: str, bootstrap: str) -> None:
    assert BusSettings.read({"KAFKA_URL": url}).bootstrap == bootstrap


@pytest.mark.parametrize("url", ["kafka://", "kafka://localhost", "http://a:9092", "a:b", "a:9092,", "a:9092/x"])
def test_what_is_no_address_is_named(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^KAFKA_URL: .* is not an address like kafka://"):
        _ = BusSettings.read({"KAFKA_URL": url}).bootstrap


def test_a_missing_address_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KAFKA_URL", raising=False)
    with pytest.raises(ConfigurationError, match=r"^KAFKA_URL: not set"):
        _ = BusSettings.read().bootstrap


@pytest.mark.parametrize(("variable", "value"), [("LOG_LEVEL", "LOUD"), ("MOE_METRICS_PORT", "70000")])
def test_wrong_settings_of_the_process_are_named(variable: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^{variable}: "):
        ProcessSettings.read({variable: value})
