"""A real Apache Kafka with one listener for each authentication method, and for each misconfiguration."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiokafka.admin import AIOKafkaAdminClient

from libs.embedded.kafka.scram_users import UpsertScramUser
from libs.embedded.kafka.store import Kafka
from libs.embedded.ports import LOOPBACK
from libs.embedded.secret_file import write_private
from libs.embedded.store import Launch, Owner, StoreName
from libs.runtime.settings.kafka_connection import KafkaConnection, SaslCredentials
from libs.testing.certificates import Authority, Issued
from libs.testing.native_kafka import SHARED_JARS
from libs.testing.ports import own_port
from libs.testing.stores import running, throw_away_folders

# `scram`: TLS and a password; `mtls`: TLS and a certificate; `expired` and `elsewhere`: as `scram`, but with an
# expired certificate, or one for another host; `clear`: a password without TLS; `open`: neither.
ListenerName = Literal["scram", "mtls", "expired", "elsewhere", "clear", "open"]
PROTOCOLS: Mapping[ListenerName, str] = {
    "scram": "SASL_SSL",
    "mtls": "SSL",
    "expired": "SASL_SSL",
    "elsewhere": "SASL_SSL",
    "open": "PLAINTEXT",
}
USER = "fleet"
PASSWORD = "a-password-for-tests-only"


@dataclass(frozen=True)
class SecuredKafka:
    """A running broker. `authority` signs its certificates and those of its clients."""

    addresses: Mapping[ListenerName, str]
    authority: Authority
    _admin: KafkaConnection

    async def set_password(self, password: str, user: str = USER) -> None:
        """Create a user, or changes its password."""
        admin = AIOKafkaAdminClient(**self._admin.client_options())
        await admin.start()
        try:
            response = await admin._send_request(UpsertScramUser(user, password))
        finally:
            await admin.close()
        assert [code for _, code, *_ in response.results] == [0], response

    def variables(self, listener: ListenerName, password: str = PASSWORD) -> dict[str, str]:
        """Settings of a client that authenticates with a password over TLS."""
        return {
            "KAFKA_URL": f"kafka://{self.addresses[listener]}",
            "MOE_KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
            "MOE_KAFKA_SASL_USERNAME": USER,
            "MOE_KAFKA_SASL_PASSWORD": password,
            "MOE_KAFKA_SSL_CAFILE": str(self.authority.certificate),
        }

    def certificate_variables(self, issued: Issued) -> dict[str, str]:
        """Settings of a client that authenticates with a certificate."""
        return {
            "KAFKA_URL": f"kafka://{self.addresses['mtls']}",
            "MOE_KAFKA_SECURITY_PROTOCOL": "SSL",
            "MOE_KAFKA_SSL_CAFILE": str(self.authority.certificate),
            "MOE_KAFKA_SSL_CERTFILE": str(issued.certificate),
            "MOE_KAFKA_SSL_KEYFILE": str(issued.key),
        }


@asynccontextmanager
async def secured_kafka() -> AsyncIterator[SecuredKafka]:
    """Run a broker with all listeners and one user."""
    with throw_away_folders() as folders:
        store = _Listening(Kafka(folders, SHARED_JARS), Authority.new(folders.log.parent))
        async with running(store) as supervised:
            gives = supervised.launch.gives
            assert gives.kafka is not None
            assert gives.kafka_username is not None
            assert gives.kafka_password is not None
            addresses = {**store.addresses(), "clear": gives.kafka}
            admin = KafkaConnection(gives.kafka, SaslCredentials(gives.kafka_username, gives.kafka_password))
            broker = SecuredKafka(addresses, store.authority, admin)
            await broker.set_password(PASSWORD)
            yield broker


class _Listening:
    """The embedded broker with more listeners."""

    def __init__(self, kafka: Kafka, authority: Authority) -> None:
        self._kafka = kafka
        self._ports = {name: own_port() for name in PROTOCOLS}
        self.authority = authority
        self.name: StoreName = kafka.name
        self.ready_within_s = kafka.ready_within_s

    def addresses(self) -> dict[ListenerName, str]:
        return {name: f"{LOOPBACK}:{port}" for name, port in self._ports.items()}

    async def prepare(self, owner: Owner) -> None:
        await self._kafka.prepare(owner)

    def launch(self, port: int) -> Launch:
        launch = self._kafka.launch(port)
        file = self._kafka.folders.home / "server.properties"
        places = "".join(f",{name.upper()}://{address}" for name, address in self.addresses().items())
        protocols = "".join(f",{name.upper()}:{protocol}" for name, protocol in PROTOCOLS.items())
        text = re.sub(r"^((?:advertised\.)?listeners=.*)$", rf"\1{places}", file.read_text(), flags=re.MULTILINE)
        text = re.sub(r"^(listener\.security\.protocol\.map=.*)$", rf"\1{protocols}", text, flags=re.MULTILINE)
        write_private(file, text + "".join(f"{name}={value}\n" for name, value in self._listener_settings()))
        return launch

    def _listener_settings(self) -> list[tuple[str, str]]:
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        settings = []
        for name, protocol in PROTOCOLS.items():
            prefix = f"listener.name.{name}"
            if protocol.endswith("SSL"):
                host = "elsewhere.test" if name == "elsewhere" else LOOPBACK
                keystore = _keystore(self.authority.issue(name, host, expired=name == "expired"))
                settings += [(f"{prefix}.ssl.keystore.type", "PEM"), (f"{prefix}.ssl.keystore.location", keystore)]
                settings += [(f"{prefix}.ssl.truststore.type", "PEM")]
                settings += [(f"{prefix}.ssl.truststore.location", str(self.authority.certificate))]
            if protocol.startswith("SASL"):
                settings += [(f"{prefix}.sasl.enabled.mechanisms", "SCRAM-SHA-512")]
                settings += [(f"{prefix}.scram-sha-512.sasl.jaas.config", scram)]
        return [*settings, ("listener.name.mtls.ssl.client.auth", "required")]


def _keystore(issued: Issued) -> str:
    """One file with key and certificate, in Kafka's format."""
    path = Path(f"{issued.certificate}.keystore")
    path.write_bytes(issued.key.read_bytes() + issued.certificate.read_bytes())
    return str(path)
