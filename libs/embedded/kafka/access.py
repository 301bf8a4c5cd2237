"""Access to the embedded Kafka: one user with a generated password, on both of its listeners."""

from dataclasses import dataclass, field
from pathlib import Path

from aiokafka.conn import AIOKafkaConnection, create_conn
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.admin import SaslAuthenticateRequest, SaslHandShakeRequest

from libs.embedded.broker_check import broker_answers
from libs.embedded.kafka.scram_users import UpsertScramUser
from libs.embedded.ports import LOOPBACK
from libs.embedded.secret_file import new_secret, write_private
from libs.runtime.settings.kafka_connection import KafkaConnection, SaslCredentials

# Clients use SCRAM. The controller has its own password with PLAIN, from the configuration file: SCRAM users are
# records of the controller itself, so it cannot check one before it has started, or in a folder without users. Each
# start writes the client's user through that listener, so folders without users need no migration.
USERNAME = "moe"
CONTROLLER_USERNAME = "controller"
_PASSWORD_FILE = "password"
_CONTROLLER_PASSWORD_FILE = "controller-password"
_REQUEST_TIMEOUT_MS = 2_000


@dataclass(frozen=True, slots=True)
class BrokerAccess:
    """The passwords of the clients, and of broker and controller between themselves; safe inside a quoted string."""

    password: str = field(repr=False)
    controller_password: str = field(repr=False)

    @classmethod
    def stored_in(cls, home: Path) -> "BrokerAccess":
        """The passwords of a folder; generated once and stored with mode 0600."""
        return cls(_stored_password(home / _PASSWORD_FILE), _stored_password(home / _CONTROLLER_PASSWORD_FILE))

    def connection_to(self, address: str) -> KafkaConnection:
        """Client settings for the broker at `host:port`."""
        return KafkaConnection(address, SaslCredentials(USERNAME, self.password))


def _stored_password(path: Path) -> str:
    if not path.exists():
        write_private(path, new_secret())
    return path.read_text().strip()


async def write_user(access: BrokerAccess, controller_port: int) -> None:
    """Create the clients' user, or replace its password. Raises KafkaError, OSError or TimeoutError."""
    # Bypass the client's SASL: it logs a warning about PLAIN, which here never leaves the machine.
    connection: AIOKafkaConnection = await create_conn(
        LOOPBACK, controller_port, request_timeout_ms=_REQUEST_TIMEOUT_MS, security_protocol="PLAINTEXT"
    )
    try:
        await _authenticate(connection, access.controller_password)
        response = await connection.send(UpsertScramUser(USERNAME, access.password))
        for _user, code, message, _tags in response.results:
            _raise_for(code, message)
    finally:
        connection.close()


async def _authenticate(connection: AIOKafkaConnection, password: str) -> None:
    handshake = await connection.send(SaslHandShakeRequest("PLAIN"))
    _raise_for(handshake.error_code, None)
    token = f"\0{CONTROLLER_USERNAME}\0{password}".encode()
    answer = await connection.send(SaslAuthenticateRequest(token))
    _raise_for(answer.error_code, answer.error_message)


def _raise_for(code: int, message: str | None) -> None:
    if code:
        error: KafkaError = for_code(code)(message or "")
        raise error


@dataclass(slots=True)
class SecuredStart:
    """One start of the broker: ready once its clients' user is written and can log in."""

    access: BrokerAccess
    connection: KafkaConnection
    controller_port: int
    cluster_id: str
    _user_written: bool = False

    async def is_ready(self) -> bool:
        """True once clients can authenticate; writes their user as soon as the controller accepts it."""
        if not self._user_written:
            try:
                await write_user(self.access, self.controller_port)
            except (KafkaError, OSError, TimeoutError):
                return False
            self._user_written = True
        return await broker_answers(self.connection, self.cluster_id)
