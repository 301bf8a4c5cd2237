"""Why a broker cannot be used, found out from servers that are none, are not the one meant, or are hostile."""

import asyncio
import base64
import hashlib
import hmac
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from libs.runtime.kafka import probe
from libs.runtime.kafka.failures import BrokerFailure
from libs.runtime.kafka.probe import BrokerMonitor, broker_failure
from libs.runtime.settings.kafka_connection import KafkaConnection, SaslCredentials
from libs.runtime.settings.kafka_tls import RotatingTlsContext, TlsFiles
from libs.testing.certificates import Authority, Issued
from libs.testing.fake_clock import FakeClock
from libs.testing.ports import own_port

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PASSWORD = "s3cret"
USER = SaslCredentials("fleet", PASSWORD)


@asynccontextmanager
async def serving(serve: Serve, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Yield the address of a server."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (OSError, EOFError):
            pass  # the client has seen enough
        finally:
            writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0, ssl=tls) as server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


def frame(body: bytes) -> bytes:
    return struct.pack(">i", len(body)) + body


async def request(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    (size,) = struct.unpack(">i", await reader.readexactly(4))
    head = await reader.readexactly(size)
    correlation, client_length = struct.unpack(">ih", head[4:10])
    return correlation, head[10 + client_length :]


def answers(payload: Callable[[int], bytes]) -> Serve:
    """Serve one answer to one request."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        correlation, _ = await request(reader)
        writer.write(payload(correlation))
        await writer.drain()
        await reader.read()

    return serve


def versions(*supported: tuple[int, int, int]) -> Callable[[int], bytes]:
    """Answer with API keys and their oldest and newest versions."""
    keys = b"".join(struct.pack(">hhh", *each) for each in supported)
    return lambda correlation: frame(struct.pack(">ihi", correlation, 0, len(supported)) + keys)


async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    """Close immediately."""


async def web_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await request(reader)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n")


@pytest.mark.parametrize(
    ("serve", "code"),
    [
        (hang_up, "connection_closed"),
        (web_server, "connection_closed"),
        (answers(lambda _: frame(b"\xff" * 40)), "protocol_error"),
        (answers(lambda correlation: frame(struct.pack(">i", correlation))), "protocol_error"),
        (answers(lambda correlation: versions((3, 0, 5))(correlation + 1)), "protocol_error"),
        (answers(versions((3, 900, 901))), "protocol_error"),
        (answers(versions((3, 5, 0))), "protocol_error"),
        (answers(versions()), "protocol_error"),
    ],
    ids=["hangs up", "a web server", "junk", "cut short", "another answer", "the future", "nonsense", "nothing known"],
)
async def test_what_is_no_broker_is_said_to_be_none(serve: Serve, code: str) -> None:
    async with serving(serve) as address:
        failure = await broker_failure(KafkaConnection(address))
    assert failure is not None
    assert failure.code == code
    assert address in failure.text
    assert "\n" not in failure.text


async def test_nothing_there_and_nothing_said_are_unreachable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "ANSWER_TIMEOUT_MS", 20)
    away = await broker_failure(KafkaConnection(f"127.0.0.1:{own_port()}"))

    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as address:
        mute = await broker_failure(KafkaConnection(address))
    assert [failure.code for failure in (away, mute) if failure is not None] == ["unreachable"] * 2


async def test_of_several_brokers_the_reason_counts_and_not_that_one_is_away() -> None:
    async with serving(hang_up) as address:
        failure = await broker_failure(KafkaConnection(f"127.0.0.1:{own_port()},{address}"))
    assert failure is not None
    assert failure.code == "connection_closed"


def server_tls(issued: Issued) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    return context


@pytest.mark.parametrize(
    ("hosts", "expired", "code"),
    [
        (("127.0.0.1",), False, "connection_closed"),  # TLS is fine, and then it hangs up
        (("127.0.0.1",), True, "certificate_expired"),
        (("elsewhere.test",), False, "hostname_mismatch"),
    ],
)
async def test_what_is_wrong_with_a_certificate_is_told(
    hosts: tuple[str, ...], expired: bool, code: str, tmp_path: Path
) -> None:
    authority = Authority.new(tmp_path)
    client = RotatingTlsContext.reading(TlsFiles(ca=authority.certificate))
    async with serving(hang_up, server_tls(authority.issue("broker", *hosts, expired=expired))) as address:
        failure = await broker_failure(KafkaConnection(address, USER, client))
    assert failure is not None
    assert failure.code == code


async def test_a_certificate_of_another_authority_names_the_setting(tmp_path: Path) -> None:
    client = RotatingTlsContext.reading(TlsFiles(ca=Authority.new(tmp_path, "ours").certificate))
    async with serving(hang_up, server_tls(Authority.new(tmp_path).issue("broker", "127.0.0.1"))) as address:
        failure = await broker_failure(KafkaConnection(address, tls=client))
    assert failure is not None
    assert failure.code == "certificate_untrusted"
    assert "MOE_KAFKA_SSL_CAFILE" in failure.text


async def forging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take any password, and sign without knowing it."""
    correlation, _ = await request(reader)
    writer.write(versions((3, 0, 5), (17, 0, 1), (36, 0, 0))(correlation))
    correlation, _ = await request(reader)
    mechanism = USER.mechanism.encode()
    writer.write(frame(struct.pack(">ihih", correlation, 0, 1, len(mechanism)) + mechanism))
    correlation, first = await request(reader)
    nonce = first.rpartition(b"r=")[2]
    salt = base64.b64encode(b"salt")
    writer.write(authenticated(correlation, b"r=" + nonce + b"x,s=" + salt + b",i=4096"))
    correlation, _ = await request(reader)
    writer.write(authenticated(correlation, b"v=" + base64.b64encode(b"forged")))
    await reader.read()


def authenticated(correlation: int, token: bytes) -> bytes:
    return frame(struct.pack(">ihhi", correlation, 0, -1, len(token)) + token)


async def test_a_server_that_does_not_know_the_password_is_not_the_broker() -> None:
    async with serving(forging) as address:
        failure = await broker_failure(KafkaConnection(address, USER))
    assert failure is not None
    assert failure.code == "broker_not_authentic"
    assert PASSWORD not in failure.text


def advertising(*hosts: str) -> Serve:
    """Authenticate as the broker does, then advertise brokers."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        correlation, _ = await request(reader)
        writer.write(versions((3, 0, 0), (17, 0, 1), (36, 0, 0))(correlation))
        correlation, _ = await request(reader)
        mechanism = USER.mechanism.encode()
        writer.write(frame(struct.pack(">ihih", correlation, 0, 1, len(mechanism)) + mechanism))
        correlation, first = await request(reader)
        bare = first[first.index(b"n=") :]
        challenge = b"r=" + bare.rpartition(b"r=")[2] + b"x,s=" + base64.b64encode(b"salt") + b",i=4096"
        writer.write(authenticated(correlation, challenge))
        correlation, final = await request(reader)
        signed = b",".join((bare, challenge, final[final.index(b"c=") :].rpartition(b",p=")[0]))
        writer.write(authenticated(correlation, b"v=" + base64.b64encode(server_signature(signed))))
        correlation, _ = await request(reader)
        brokers = b"".join(
            struct.pack(">ih", number, len(host)) + host.encode() + struct.pack(">i", 9092)
            for number, host in enumerate(hosts)
        )
        writer.write(frame(struct.pack(">ii", correlation, len(hosts)) + brokers + struct.pack(">i", 0)))
        await reader.read()

    return serve


def server_signature(signed: bytes) -> bytes:
    """RFC 5802: what proves that a server knows the password."""
    salted = hashlib.pbkdf2_hmac("sha512", PASSWORD.encode(), b"salt", 4096)
    return hmac.digest(hmac.digest(salted, b"Server Key", "sha512"), signed, "sha512")


@pytest.mark.parametrize("hosts", [("192.0.2.1",), ("127.0.0.1", "broker.example.org")])
async def test_a_broker_on_loopback_that_sends_clients_away_without_tls_is_refused(hosts: tuple[str, ...]) -> None:
    async with serving(advertising(*hosts)) as address:
        failure = await broker_failure(KafkaConnection(address, USER), timeout_s=5.0)
    assert failure is not None
    assert failure.code == "advertised_elsewhere"
    assert hosts[-1] in failure.text


async def test_a_failure_is_logged_when_it_begins_and_when_it_ends(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    away, refused = BrokerFailure("unreachable", "start it"), BrokerFailure("authentication_failed", "check it")
    found = iter([None, away, away, refused, None, None])

    async def next_one(_connection: KafkaConnection, _timeout_s: float) -> BrokerFailure | None:
        return next(found)

    monkeypatch.setattr(probe, "broker_failure", next_one)
    clock = FakeClock()
    monitor = BrokerMonitor(KafkaConnection("a:1"), clock)
    seen = []
    for _ in range(6):
        seen += [await monitor.failure(1.0), await monitor.failure(1.0)]  # the second one is remembered
        clock.advance(probe.PROBE_EVERY_S)
    assert seen == [failure for each in (None, away, away, refused, None, None) for failure in (each, each)]
    assert [record.getMessage() for record in caplog.records] == [
        "start it",
        "check it",
        "the broker can be used again",
    ]
