"""Settings for a broker that requires TLS or a password."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

from pydantic import Field, SecretStr

from libs.core.errors import ConfigurationError
from libs.runtime.settings.base import Settings
from libs.runtime.settings.kafka_connection import KafkaConnection, SaslCredentials, SaslMechanism, SecurityProtocol
from libs.runtime.settings.kafka_tls import (
    CA_FILE,
    CERTIFICATE_FILE,
    KEY_FILE,
    KEY_PASSWORD,
    RotatingTlsContext,
    TlsFiles,
)

PROTOCOL = "MOE_KAFKA_SECURITY_PROTOCOL"
MECHANISM = "MOE_KAFKA_SASL_MECHANISM"
USERNAME = "MOE_KAFKA_SASL_USERNAME"
PASSWORD = "MOE_KAFKA_SASL_PASSWORD"
_SECRET_CHARACTERS = 1000
_HOST = re.compile(r"\[?(.+?)\]?:[0-9]+")


class KafkaSecuritySettings(Settings):
    """Authentication of the client to the broker, and of the broker to the client."""

    security_protocol: SecurityProtocol = Field(
        "PLAINTEXT",
        validation_alias=PROTOCOL,
        description="`PLAINTEXT`, `SSL` (TLS), `SASL_SSL` (TLS and SASL) or, only on loopback, `SASL_PLAINTEXT`",
    )
    sasl_mechanism: SaslMechanism = Field(
        "SCRAM-SHA-512",
        validation_alias=MECHANISM,
        description="SASL mechanism: `SCRAM-SHA-512`, `SCRAM-SHA-256` or, only with TLS, `PLAIN`",
    )
    sasl_username: str = Field("", validation_alias=USERNAME, description="SASL user")
    sasl_password: SecretStr = Field(
        SecretStr(""), max_length=_SECRET_CHARACTERS, validation_alias=PASSWORD, description="SASL password"
    )
    ssl_ca_file: Path | None = Field(
        None,
        validation_alias=CA_FILE,
        description="PEM file of the CAs for the broker's certificate; empty: the system's CAs",
    )
    ssl_certificate_file: Path | None = Field(
        None, validation_alias=CERTIFICATE_FILE, description="PEM file of the client certificate (mTLS)"
    )
    ssl_key_file: Path | None = Field(
        None, validation_alias=KEY_FILE, description="PEM file of the client key; empty: in the certificate's file"
    )
    ssl_key_password: SecretStr = Field(
        SecretStr(""),
        max_length=_SECRET_CHARACTERS,
        validation_alias=KEY_PASSWORD,
        description="Password of the client key",
    )
    ssl_check_hostname: bool = Field(
        True,
        validation_alias="MOE_KAFKA_SSL_CHECK_HOSTNAME",
        description="Verify that the broker's certificate matches the host in KAFKA_URL",
    )

    def connection_to(self, bootstrap: str) -> KafkaConnection:
        """`bootstrap` is `host:port[,…]`; reads the TLS files.

        Raises ConfigurationError naming the variable.
        """
        if refusal := next(self._contradictions(bootstrap), None):
            raise ConfigurationError(refusal)
        return KafkaConnection(bootstrap, self._credentials(), self._tls_context())

    @property
    def security_variables(self) -> tuple[str, ...]:
        """The variables of this group that differ from their default."""
        fields = KafkaSecuritySettings.model_fields
        return tuple(
            str(field.validation_alias) for name, field in fields.items() if getattr(self, name) != field.default
        )

    @property
    def _uses_sasl(self) -> bool:
        return self.security_protocol.startswith("SASL_")

    @property
    def _uses_tls(self) -> bool:
        return self.security_protocol.endswith("SSL")

    def _credentials(self) -> SaslCredentials | None:
        if not self._uses_sasl:
            return None
        return SaslCredentials(self.sasl_username, self.sasl_password.get_secret_value(), self.sasl_mechanism)

    def _tls_context(self) -> RotatingTlsContext | None:
        if not self._uses_tls:
            return None
        files = TlsFiles(
            ca=self.ssl_ca_file,
            certificate=self.ssl_certificate_file,
            key=self.ssl_key_file,
            key_password=self.ssl_key_password.get_secret_value(),
            check_hostname=self.ssl_check_hostname,
        )
        return RotatingTlsContext.reading(files)

    def _contradictions(self, bootstrap: str) -> Iterator[str]:
        """Yield the errors of contradictory settings: every setting is used, or stops the start."""
        names = set(self.security_variables)
        if not self._uses_sasl:
            for variable in sorted(names & {MECHANISM, USERNAME, PASSWORD}):
                yield f"{variable}: is used with {PROTOCOL}=SASL_SSL only, which is {self.security_protocol}"
        if not self._uses_tls:
            for variable in sorted(name for name in names if name.startswith("MOE_KAFKA_SSL_")):
                yield f"{variable}: is used with {PROTOCOL}=SSL or SASL_SSL only, which is {self.security_protocol}"
        if self._uses_sasl:
            yield from self._incomplete_sasl(bootstrap)
        if {KEY_FILE, KEY_PASSWORD} & names and CERTIFICATE_FILE not in names:
            yield f"{CERTIFICATE_FILE}: not set, though {min({KEY_FILE, KEY_PASSWORD} & names)} is"

    def _incomplete_sasl(self, bootstrap: str) -> Iterator[str]:
        if not self.sasl_username:
            yield f"{USERNAME}: not set; {PROTOCOL}={self.security_protocol} needs a user"
        if not self.sasl_password.get_secret_value():
            yield f"{PASSWORD}: not set; {PROTOCOL}={self.security_protocol} needs a password"
        if self._uses_tls:
            return
        if self.sasl_mechanism == "PLAIN":
            yield f"{MECHANISM}: PLAIN sends the password as it is; set {PROTOCOL}=SASL_SSL or use SCRAM-SHA-512"
        elif not is_loopback_alone(bootstrap):
            yield f"{PROTOCOL}: SASL_PLAINTEXT is for loopback, and {bootstrap} is not that alone: use SASL_SSL"


def is_loopback_alone(bootstrap: str) -> bool:
    """True if every broker of `host:port[,host:port]` is on this machine."""
    return all(is_loopback(host) for host in _hosts(bootstrap))


def _hosts(bootstrap: str) -> Iterator[str]:
    for broker in bootstrap.split(","):
        if found := _HOST.fullmatch(broker):
            yield found[1]


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
