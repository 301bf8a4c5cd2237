"""Encrypted connections are made to the checked address and believed for the name of the URL alone."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.adapters.web.fetcher import FetchLimits, Reach, WebFetcher, World
from libs.adapters.web.fetcher.addresses import Address
from libs.adapters.web.fetcher.network import SystemConnector, Wire
from libs.ports.fetching import FetchError, FetchRequest
from libs.testing.fake_clock import FakeClock
from libs.testing.scripted_web import FakeResolver, reply

PUBLIC = "93.184.215.14"
NAME = "site.example.com"
_LIMITS = FetchLimits(total_s=60, connect_s=60, idle_s=60)
_FROM = datetime(2020, 1, 1, tzinfo=UTC)


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(1).not_valid_before(_FROM).not_valid_after(_FROM + timedelta(days=36_500))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
    signed = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(
        key, hashes.SHA256()
    )
    chain, secret = folder / "chain.pem", folder / "key.pem"
    chain.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return chain, secret


class ToTheLoopback:
    """Connects to the loopback for every address, with real TLS; records the requested addresses."""

    def __init__(self, port: int, trusted: ssl.SSLContext | None) -> None:
        self._port = port
        self._real = SystemConnector(trusted)
        self.attempts: list[tuple[str, int, str | None]] = []

    async def connect(self, address: Address, port: int, *, tls_name: str | None) -> Wire:
        self.attempts.append((str(address), port, tls_name))
        return await self._real.connect(ip_address("127.0.0.1"), self._port, tls_name=tls_name)


@asynccontextmanager
async def tls_server(chain: Path, key: Path, names: list[str | None]) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(reply(200, b"secret"))
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


@asynccontextmanager
async def fetching(
    folder: Path, *, trusting: bool
) -> AsyncIterator[tuple[WebFetcher, ToTheLoopback, list[str | None]]]:
    chain, key = certificate(folder)
    trusted = ssl.create_default_context(cafile=str(chain)) if trusting else None
    names: list[str | None] = []
    async with tls_server(chain, key, names) as port:
        connector = ToTheLoopback(port, trusted)
        yield (
            WebFetcher(Reach(), _LIMITS, World(FakeResolver(anything=(PUBLIC,)), connector, FakeClock())),
            connector,
            names,
        )


async def test_the_name_goes_into_the_handshake_and_the_certificate_is_checked_for_it(tmp_path: Path) -> None:
    async with fetching(tmp_path, trusting=True) as (fetcher, connector, names):
        page = await fetcher.fetch(FetchRequest(f"https://{NAME}/"))
    assert (page.body, names, connector.attempts) == (b"secret", [NAME], [(PUBLIC, 443, NAME)])


async def test_a_certificate_for_another_name_is_not_believed(tmp_path: Path) -> None:
    async with fetching(tmp_path, trusting=True) as (fetcher, _, _names):
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(FetchRequest("https://other.example.com/"))
    assert caught.value.code == "tls_failed"


async def test_a_certificate_that_nobody_vouches_for_is_not_believed(tmp_path: Path) -> None:
    async with fetching(tmp_path, trusting=False) as (fetcher, _, _names):
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(FetchRequest(f"https://{NAME}/"))
    assert caught.value.code == "tls_failed"
