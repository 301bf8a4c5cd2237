"""The address and authentication of the broker, from which every Kafka client is constructed."""

import ssl
from dataclasses import dataclass, field
from typing import Literal

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class SaslCredentials:
    username: str
    password: str = field(repr=False)
    mechanism: SaslMechanism = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """`bootstrap` is `host:port[,host:port]`. Without `tls` records are sent unencrypted.

    Without `sasl`, and without a certificate in `tls`, the broker does not authenticate this process.
    """

    bootstrap: str
    sasl: SaslCredentials | None = None
    tls: ssl.SSLContext | None = None

    @property
    def protocol(self) -> SecurityProtocol:
        """The name of this combination as Kafka's `security.protocol`."""
        if self.sasl is None:
            return "PLAINTEXT" if self.tls is None else "SSL"
        return "SASL_PLAINTEXT" if self.tls is None else "SASL_SSL"

    @property
    def is_secured(self) -> bool:
        """Whether the broker authenticates this process, or this process the broker."""
        return self.protocol != "PLAINTEXT"

    def client_options(self) -> dict[str, object]:
        return {"bootstrap_servers": self.bootstrap, **self.security_options()}

    def security_options(self) -> dict[str, object]:
        """Options of one connection, which has an address of its own."""
        options: dict[str, object] = {"security_protocol": self.protocol, "ssl_context": self.tls}
        if self.sasl is not None:
            options["sasl_mechanism"] = self.sasl.mechanism
            options["sasl_plain_username"] = self.sasl.username
            options["sasl_plain_password"] = self.sasl.password
        return options
