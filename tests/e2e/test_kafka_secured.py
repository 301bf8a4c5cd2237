"""Kafka with TLS and a password, or with certificates: a whole fleet on it, and the reports of its failures."""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from libs.adapters.kafka.topics import ensure_topics
from libs.core.errors import Retryable
from libs.runtime.kafka import probe
from libs.runtime.kafka.bus import KafkaBus
from libs.runtime.kafka.probe import broker_failure
from libs.runtime.process.fleet import BusCheck
from libs.runtime.process.probes import Readiness
from libs.runtime.settings import BusSettings
from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.testing.certificates import Authority
from libs.testing.model_server import ModelServer
from libs.testing.processes import ProcessContext, moe, moe_process
from libs.testing.secured_kafka import PASSWORD, SecuredKafka, secured_kafka
from libs.testing.stores import postgres, valkey
from libs.testing.waiting import waiting
from tests.support.fleet_processes import KEY, Stores, body_of, script, variables_of, whole_fleet

pytestmark = [pytest.mark.kafka, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

QUESTION = "How large should connection pools be, see #{}?"
Given = dict[str, str]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def broker() -> AsyncIterator[SecuredKafka]:
    async with secured_kafka() as started:
        yield started


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secured_stores(broker: SecuredKafka) -> AsyncIterator[Stores]:
    async with valkey() as valkey_url, postgres() as postgres_url:
        given = broker.variables("scram")
        yield Stores(given.pop("KAFKA_URL").removeprefix("kafka://"), valkey_url, postgres_url, given)


async def test_seven_services_answer_over_tls_with_a_password(secured_stores: Stores, tmp_path: Path) -> None:
    async with ModelServer(script()) as models, whole_fleet(secured_stores, models.url, tmp_path) as harness:
        answer = await harness.answer(QUESTION.format("a1"))
        assert answer.text.startswith("The joint answer to #a1")
        assert await harness.ends(answer.response_id)  # read with the same settings
        checked = await moe(harness.place, "topics", "check")
        assert (checked.code, checked.output) == (0, "the topics match their declarations\n")
        listed = await moe(harness.place, "dlq", "list")
        assert (listed.code, listed.output) == (0, "no dead letters\n")
        dropped = await moe(harness.place, "dlq", "drop", "--all")  # connects as a publisher before it reads
        assert (dropped.code, dropped.output) == (0, "no dead letters\n"), dropped.errors
        replayed = await moe(harness.place, "replay", "--response-id", answer.response_id, "--show")
        assert (replayed.code, replayed.output.split()[0]) == (0, answer.response_id)
        doctor = await moe(harness.place, "doctor")
        assert f"{harness.stores.kafka} answers" in doctor.output
        assert PASSWORD not in doctor.output
        assert not [process.name for process in harness.processes.values() if PASSWORD in process.log.read_text()]


async def test_seven_services_answer_over_tls_with_a_certificate(
    broker: SecuredKafka, secured_stores: Stores, tmp_path: Path
) -> None:
    client = broker.certificate_variables(broker.authority.issue("client"))
    async with ModelServer(script()) as models:
        plain = variables_of(
            Stores("127.0.0.1:1", secured_stores.valkey_url, secured_stores.postgres_url), models.url, tmp_path
        )
        fleet = moe_process(ProcessContext({**plain, **client}, tmp_path), "up")
        await fleet.start()
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=180) as http:
                url = f"{fleet.url}/v1/chat/completions"
                headers = {"authorization": f"Bearer {KEY}"}
                answer = await http.post(url, json=body_of(QUESTION.format("m1")), headers=headers)
        finally:
            code = await fleet.stop()
    assert "The joint answer to #m1" in answer.text
    assert (code, fleet.complaints()) == (0, [])


def wrong_password(broker: SecuredKafka) -> Given:
    return broker.variables("scram", "a wrong password")


def expired_certificate(broker: SecuredKafka) -> Given:
    return broker.variables("expired")


def port_without_tls(broker: SecuredKafka) -> Given:
    return broker.variables("clear")


def another_host(broker: SecuredKafka) -> Given:
    return broker.variables("elsewhere")


def unknown_authority(broker: SecuredKafka) -> Given:
    other = Authority.new(broker.authority.folder, "another-authority")
    return broker.variables("scram") | {"MOE_KAFKA_SSL_CAFILE": str(other.certificate)}


def mechanism_not_offered(broker: SecuredKafka) -> Given:
    return broker.variables("scram") | {"MOE_KAFKA_SASL_MECHANISM": "PLAIN"}


def password_where_none_is_taken(broker: SecuredKafka) -> Given:
    plain = {"MOE_KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_URL": broker.addresses["open"]}
    given = broker.variables("scram") | plain
    del given["MOE_KAFKA_SSL_CAFILE"]
    return given


def no_tls_on_a_tls_port(broker: SecuredKafka) -> Given:
    return {"KAFKA_URL": broker.addresses["scram"]}


def no_password_where_one_is_asked(broker: SecuredKafka) -> Given:
    return {"KAFKA_URL": broker.addresses["clear"]}


def no_certificate_where_one_is_asked(broker: SecuredKafka) -> Given:
    given = broker.certificate_variables(broker.authority.issue("client"))
    return {name: value for name, value in given.items() if not name.endswith(("CERTFILE", "KEYFILE"))}


def expired_client_certificate(broker: SecuredKafka) -> Given:
    return broker.certificate_variables(broker.authority.issue("client", expired=True))


@pytest.mark.parametrize(
    ("client", "advice"),
    [
        (wrong_password, "check MOE_KAFKA_SASL_USERNAME, MOE_KAFKA_SASL_PASSWORD"),
        (expired_certificate, "has expired: renew it there"),
        (port_without_tls, "does not speak TLS: name the broker's TLS port in KAFKA_URL"),
    ],
)
async def test_a_service_that_is_not_taken_says_so_in_one_line_and_ends(
    broker: SecuredKafka, client: Callable[[SecuredKafka], Given], advice: str, secured_stores: Stores, tmp_path: Path
) -> None:
    variables = variables_of(secured_stores, "http://127.0.0.1:1", tmp_path) | client(broker)
    ended = await moe(ProcessContext(variables, tmp_path), "serve", "critic")
    assert (ended.code, ended.output) == (1, "")
    assert ended.errors.startswith("Error: ")
    assert advice in ended.errors
    assert ended.errors.count("\n") == 1, ended.errors
    assert not [password for password in (PASSWORD, "a wrong password") if password in ended.errors]


@pytest.mark.parametrize(
    ("client", "codes"),
    [
        (wrong_password, {"authentication_failed"}),
        (expired_certificate, {"certificate_expired"}),
        (port_without_tls, {"tls_not_spoken"}),
        (another_host, {"hostname_mismatch"}),
        (unknown_authority, {"certificate_untrusted"}),
        (mechanism_not_offered, {"sasl_mechanism_unsupported"}),
        (password_where_none_is_taken, {"sasl_unexpected"}),
        (no_tls_on_a_tls_port, {"connection_closed"}),
        (no_password_where_one_is_asked, {"connection_closed"}),
        # The broker hangs up after its reason, which may overtake it.
        (no_certificate_where_one_is_asked, {"certificate_rejected", "connection_closed"}),
        (expired_client_certificate, {"certificate_rejected", "connection_closed"}),
    ],
)
async def test_why_a_client_is_not_taken_has_a_code(
    broker: SecuredKafka, client: Callable[[SecuredKafka], Given], codes: set[str], caplog: pytest.LogCaptureFixture
) -> None:
    bus = KafkaBus(BusSettings.read(client(broker)))
    with pytest.raises(Retryable) as refused:
        await bus.start()
    assert refused.value.code in codes
    assert "\n" not in str(refused.value)
    assert caplog.text == ""


@pytest.fixture
def asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "PROBE_EVERY_S", 0.0)


@asynccontextmanager
async def ready_bus(given: Given) -> AsyncIterator[Readiness]:
    """Run a bus that is ready."""
    settings = BusSettings.read(given)
    await ensure_topics(settings)
    bus = KafkaBus(settings)
    await bus.start()
    try:
        readiness = Readiness([BusCheck(bus)])
        readiness.open()
        await until_reported(readiness, set())
        yield readiness
    finally:
        await bus.stop()


async def until_reported(readiness: Readiness, codes: set[str]) -> None:
    """Poll until the broker is reported with one of these codes, or as ready for none; the broker needs a moment."""
    report = await readiness.report()
    async with waiting(60):
        while report.failing.get("broker") not in codes and (codes or report.failing):
            report = await readiness.report()
    assert report.status == (503 if codes else 200)


@pytest.mark.usefixtures("asked_each_time")
async def test_a_revoked_password_makes_a_running_process_unready_until_it_is_valid_again(
    broker: SecuredKafka, caplog: pytest.LogCaptureFixture
) -> None:
    async with ready_bus(broker.variables("scram")) as readiness:
        await broker.set_password("revoked")
        await until_reported(readiness, {"authentication_failed"})
        await until_reported(readiness, {"authentication_failed"})
        await broker.set_password(PASSWORD)
        await until_reported(readiness, set())
    lines = [record for record in caplog.records if record.name == probe.__name__]
    assert [record.levelno for record in lines] == [logging.ERROR, logging.WARNING]
    assert "check MOE_KAFKA_SASL_USERNAME" in lines[0].getMessage()


@pytest.mark.usefixtures("asked_each_time")
async def test_an_expired_certificate_makes_a_running_process_unready_until_its_files_are_renewed(
    broker: SecuredKafka,
) -> None:
    files = broker.authority.issue("client")
    expired, renewed = broker.authority.issue("client", expired=True), broker.authority.issue("client")
    async with ready_bus(broker.certificate_variables(files)) as readiness:
        files.key.write_bytes(expired.key.read_bytes())
        files.certificate.write_bytes(expired.certificate.read_bytes())
        await until_reported(readiness, {"certificate_rejected", "connection_closed"})
        files.key.write_bytes(renewed.key.read_bytes())
        files.certificate.write_bytes(renewed.certificate.read_bytes())
        await until_reported(readiness, set())


async def test_a_broker_without_authentication_is_still_used_as_it_is(broker: SecuredKafka) -> None:
    assert await broker_failure(KafkaConnection(broker.addresses["open"])) is None
