"""Where the broker is and how to authenticate to it: what every Kafka client of ours is constructed with."""

import ssl
from dataclasses import dataclass, field
from typing import Literal

SecurityProtocol = Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
SaslMechanism = Literal["SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN"]


@dataclass(frozen=True, slots=True)
class SaslCredentials:
    """A user of the broker."""

    username: str
    password: str = field(repr=False)
    mechanism: SaslMechanism = "SCRAM-SHA-512"


@dataclass(frozen=True, slots=True)
class KafkaConnection:
    """`bootstrap` is `host:port[,host:port]`. Without `tls` records travel in the clear; without `sasl`, and without
    a certificate in `tls`, the broker does not know who we are."""

    bootstrap: str
    sasl: SaslCredentials | None = None
    tls: ssl.SSLContext | None = None

    @property
    def protocol(self) -> SecurityProtocol:
        """Return the name that Kafka has for this combination."""
        if self.sasl is None:
            return "PLAINTEXT" if self.tls is None else "SSL"
        return "SASL_PLAINTEXT" if self.tls is None else "SASL_SSL"

    @property
    def is_secured(self) -> bool:
        """Return whether the broker authenticates us, or we the broker."""
        return self.protocol != "PLAINTEXT"

    def client_options(self) -> dict[str, object]:
        """Return what every client of aiokafka takes."""
        return {"bootstrap_servers": self.bootstrap, **self.security_options()}

    def security_options(self) -> dict[str, object]:
        """Return the same for one connection, which has an address of its own."""
        options: dict[str, object] = {"security_protocol": self.protocol, "ssl_context": self.tls}
        if self.sasl is not None:
            options["sasl_mechanism"] = self.sasl.mechanism
            options["sasl_plain_username"] = self.sasl.username
            options["sasl_plain_password"] = self.sasl.password
        return options
