"""How a client authenticates to the broker: which settings belong together, and which stop the start."""

import ssl
from pathlib import Path

import pytest
from faststream.security import SASLScram512

from libs.core.errors import ConfigurationError
from libs.runtime.kafka.bus import faststream_security
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_tls import RotatingTlsContext
from libs.testing.certificates import Authority

USER = {"MOE_KAFKA_SASL_USERNAME": "fleet", "MOE_KAFKA_SASL_PASSWORD": "s3cret"}
SASL_SSL = {"MOE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL"}
SSL = {"MOE_KAFKA_SECURITY_PROTOCOL": "SSL"}
LOOPBACK_SASL = {"MOE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", **USER}


def read(url: str = "kafka://broker:9092", **variables: str) -> BusSettings:
    return BusSettings.read({"KAFKA_URL": url, **variables})


def test_without_any_setting_nothing_changes() -> None:
    options = read().connection.client_options()
    assert options == {"bootstrap_servers": "broker:9092", "security_protocol": "PLAINTEXT", "ssl_context": None}


def test_a_user_over_tls_reaches_both_client_libraries() -> None:
    connection = read(**SASL_SSL, **USER).connection
    options = connection.client_options()
    assert (options["security_protocol"], options["sasl_mechanism"]) == ("SASL_SSL", "SCRAM-SHA-512")
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("fleet", "s3cret")
    assert isinstance(options["ssl_context"], ssl.SSLContext)
    security = faststream_security(connection)
    assert isinstance(security, SASLScram512)
    assert (security.username, security.password, security.use_ssl) == ("fleet", "s3cret", True)


def test_the_password_is_never_shown() -> None:
    settings = read(**SASL_SSL, **USER, MOE_KAFKA_SSL_KEY_PASSWORD="")
    assert "s3cret" not in repr(settings) + repr(settings.connection)


@pytest.mark.parametrize(
    "url", ["kafka://fleet:s3cret@broker:9092", "a:1,kafka://fleet:x,s3cret@broker:9092", "kafka://s3cret@broker:9092"]
)
def test_a_password_in_the_address_is_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"^KAFKA_URL: .*MOE_KAFKA_SASL_PASSWORD") as refused:
        assert read(url).bootstrap
    assert "s3cret" not in str(refused.value)


def test_certificates_are_checked_against_the_host_unless_that_is_turned_off() -> None:
    tls = read(**SSL).connection.tls
    assert isinstance(tls, RotatingTlsContext)
    assert (tls.current().check_hostname, tls.current().verify_mode) == (True, ssl.CERT_REQUIRED)
    unchecked = read(**SSL, MOE_KAFKA_SSL_CHECK_HOSTNAME="false").connection.tls
    assert isinstance(unchecked, RotatingTlsContext)
    assert (unchecked.current().check_hostname, unchecked.current().verify_mode) == (False, ssl.CERT_REQUIRED)
    assert tls.current().minimum_version is ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"MOE_KAFKA_SECURITY_PROTOCOL": "TLS"}, "MOE_KAFKA_SECURITY_PROTOCOL"),
        (SASL_SSL | USER | {"MOE_KAFKA_SASL_MECHANISM": "GSSAPI"}, "MOE_KAFKA_SASL_MECHANISM"),
        (SASL_SSL | {"MOE_KAFKA_SASL_PASSWORD": "s3cret"}, "MOE_KAFKA_SASL_USERNAME"),
        (SASL_SSL | {"MOE_KAFKA_SASL_USERNAME": "fleet"}, "MOE_KAFKA_SASL_PASSWORD"),
        (USER, "MOE_KAFKA_SASL_PASSWORD"),
        (SSL | {"MOE_KAFKA_SASL_USERNAME": "fleet"}, "MOE_KAFKA_SASL_USERNAME"),
        ({"MOE_KAFKA_SSL_CAFILE": "ca.pem"}, "MOE_KAFKA_SSL_CAFILE"),
        ({"MOE_KAFKA_SSL_CHECK_HOSTNAME": "false"}, "MOE_KAFKA_SSL_CHECK_HOSTNAME"),
        (SSL | {"MOE_KAFKA_SSL_KEYFILE": "key.pem"}, "MOE_KAFKA_SSL_CERTFILE"),
        (SSL | {"MOE_KAFKA_SSL_KEY_PASSWORD": "s3cret"}, "MOE_KAFKA_SSL_CERTFILE"),
        (SSL | {"MOE_KAFKA_SSL_CAFILE": "/there/is/none"}, "MOE_KAFKA_SSL_CAFILE"),
        (SSL | {"MOE_KAFKA_SSL_CAFILE": __file__}, "MOE_KAFKA_SSL_CAFILE"),
        (SSL | {"MOE_KAFKA_SSL_CERTFILE": __file__}, "MOE_KAFKA_SSL_CERTFILE"),
        (LOOPBACK_SASL, "MOE_KAFKA_SECURITY_PROTOCOL"),
        (LOOPBACK_SASL | {"MOE_KAFKA_SASL_MECHANISM": "PLAIN"}, "MOE_KAFKA_SASL_MECHANISM"),
    ],
)
def test_what_does_not_fit_together_is_one_line_that_names_the_variable(
    variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError) as refused:
        _ = read(**variables).connection
    assert str(refused.value).startswith(f"{named}: ")
    assert "\n" not in str(refused.value)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["kafka://127.0.0.1:1", "kafka://[::1]:1", "localhost:1", "127.0.0.2:1,localhost:2"])
def test_a_password_without_tls_is_for_loopback(url: str) -> None:
    assert read(url, **LOOPBACK_SASL).connection.protocol == "SASL_PLAINTEXT"


def test_one_distant_broker_among_several_is_enough_to_refuse() -> None:
    with pytest.raises(ConfigurationError, match="is not that alone"):
        _ = read("127.0.0.1:1,10.0.0.7:1", **LOOPBACK_SASL).connection


def test_the_key_of_another_certificate_is_named(tmp_path: Path) -> None:
    authority = Authority.new(tmp_path)
    one, two = authority.issue("one"), authority.issue("two")
    with pytest.raises(ConfigurationError, match=r"^MOE_KAFKA_SSL_CERTFILE: .* MOE_KAFKA_SSL_KEYFILE"):
        _ = read(**SSL, MOE_KAFKA_SSL_CERTFILE=str(one.certificate), MOE_KAFKA_SSL_KEYFILE=str(two.key)).connection


def test_an_encrypted_key_takes_its_password_and_no_other(tmp_path: Path) -> None:
    issued = Authority.new(tmp_path).issue("client", key_password="s3cret")
    files = {"MOE_KAFKA_SSL_CERTFILE": str(issued.certificate), "MOE_KAFKA_SSL_KEYFILE": str(issued.key)}
    assert read(**SSL, **files, MOE_KAFKA_SSL_KEY_PASSWORD="s3cret").connection.protocol == "SSL"
    for wrong in ("", "another"):
        with pytest.raises(ConfigurationError, match="MOE_KAFKA_SSL_KEY_PASSWORD"):
            _ = read(**SSL, **files, MOE_KAFKA_SSL_KEY_PASSWORD=wrong).connection


def test_renewed_files_are_used_by_the_next_connection_and_broken_ones_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    authority = Authority.new(tmp_path)
    issued = authority.issue("client")
    files = {"MOE_KAFKA_SSL_CERTFILE": str(issued.certificate), "MOE_KAFKA_SSL_KEYFILE": str(issued.key)}
    tls = read(**SSL, **files, MOE_KAFKA_SSL_CAFILE=str(authority.certificate)).connection.tls
    assert isinstance(tls, RotatingTlsContext)
    first = tls.current()
    assert tls.current() is first
    renewed = authority.issue("client")
    issued.key.write_bytes(renewed.key.read_bytes())  # half of the renewal
    assert tls.current() is first
    assert "the previous certificates stay in use" in caplog.text
    issued.certificate.write_bytes(renewed.certificate.read_bytes())
    second = tls.current()
    assert second is not first
    assert tls.current() is second
