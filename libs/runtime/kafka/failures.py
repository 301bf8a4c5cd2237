"""Explanations of failed broker connections: a code for programs, a line of advice for the operator."""

import ssl
from asyncio import IncompleteReadError
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aiokafka.errors import IllegalSaslStateError, SaslAuthenticationFailed, UnsupportedSaslMechanismError

from libs.runtime.settings.kafka_connection import KafkaConnection
from libs.runtime.settings.kafka_security import is_loopback

UNREACHABLE = "unreachable"
# OpenSSL's X509_V_ERR_… numbers.
_NOT_VALID_NOW = {9, 10}
_OTHER_NAME = {62, 63, 64}
_UNTRUSTED = {2, 18, 19, 20, 21}
_HUNG_UP = (IncompleteReadError, ConnectionResetError, ConnectionAbortedError, BrokenPipeError)
# OpenSSL's reasons when a server does not speak TLS, or closes the connection.
_NO_TLS = ("WRONG_VERSION_NUMBER", "UNEXPECTED_EOF", "RECORD_LAYER_FAILURE", "UNSUPPORTED_PROTOCOL", "PACKET_LENGTH")


@dataclass(frozen=True, slots=True)
class BrokerFailure:
    """`code` is stable and contains nothing private; `text` is one line with the address and advice, no password."""

    code: str
    text: str


def explained(connection: KafkaConnection, address: tuple[str, int], error: BaseException) -> BrokerFailure:
    """Explain an error raised while connecting, authenticating or fetching the list of brokers."""
    where = f"{address[0]}:{address[1]}"
    chain = tuple(_causes(error))
    for cause in chain:
        if isinstance(cause, ssl.SSLError):
            return _tls_failure(where, cause)
    if found := _sasl_failure(connection, where, chain[0]):
        return found
    if connection.tls is not None and isinstance(error, _HUNG_UP):  # before a connection was established
        return _no_tls(where)
    if any(isinstance(cause, _HUNG_UP) for cause in chain):
        return _hung_up(connection, where)
    if any(isinstance(cause, OSError) for cause in chain):  # TimeoutError is one
        return unreachable(where, chain[-1])
    return BrokerFailure("protocol_error", f"what answers at {where} is no Kafka broker: correct KAFKA_URL")


def unreachable(where: str, error: BaseException) -> BrokerFailure:
    reason = " ".join(str(error).split()) or type(error).__name__
    return BrokerFailure(UNREACHABLE, f"no broker answers at {where} ({reason}): start it, or correct KAFKA_URL")


def sent_away(connection: KafkaConnection, advertised: Iterable[tuple[str, int]]) -> BrokerFailure | None:
    """The failure of a broker on loopback, without TLS, that sends its clients to another machine; else None."""
    away = next((f"{host}:{port}" for host, port in advertised if not is_loopback(host)), None)
    if away is None or connection.protocol != "SASL_PLAINTEXT":
        return None
    text = f"the broker advertises {away}, to which records would travel unencrypted: set MOE_KAFKA_SECURITY_PROTOCOL"
    return BrokerFailure("advertised_elsewhere", f"{text}=SASL_SSL, or correct the broker's advertised.listeners")


def _causes(error: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = error
    while found is not None:
        yield found
        found = found.__cause__


def _sasl_failure(connection: KafkaConnection, where: str, error: BaseException) -> BrokerFailure | None:
    sasl = connection.sasl
    if sasl is None:
        return None
    if isinstance(error, SaslAuthenticationFailed):
        advice = "check MOE_KAFKA_SASL_USERNAME, MOE_KAFKA_SASL_PASSWORD and MOE_KAFKA_SASL_MECHANISM"
        text = f"the broker at {where} rejects the password of user {sasl.username!r} ({sasl.mechanism}): {advice}"
        return BrokerFailure("authentication_failed", text)
    if isinstance(error, UnsupportedSaslMechanismError):
        text = f"the broker at {where} does not offer {sasl.mechanism}: set MOE_KAFKA_SASL_MECHANISM"
        return BrokerFailure("sasl_mechanism_unsupported", text)
    if isinstance(error, IllegalSaslStateError):
        text = f"the broker at {where} takes no password there: set MOE_KAFKA_SECURITY_PROTOCOL, or another KAFKA_URL"
        return BrokerFailure("sasl_unexpected", text)
    if isinstance(error, ValueError) and "signature" in str(error):
        text = f"what answers at {where} does not know the password of user {sasl.username!r}: it is not the broker"
        return BrokerFailure("broker_not_authentic", text)
    return None


def _tls_failure(where: str, error: ssl.SSLError) -> BrokerFailure:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _refused_certificate(where, error)
    reason = error.reason or str(error)
    if "ALERT" in reason:
        text = f"the broker at {where} rejects our certificate, or TLS as we speak it ({reason.lower()})"
        return BrokerFailure(
            "certificate_rejected", f"{text}: check MOE_KAFKA_SSL_CERTFILE, its date and its authority"
        )
    if any(word in reason.upper().replace(" ", "_") for word in _NO_TLS):
        return _no_tls(where)
    return BrokerFailure("tls_failed", f"TLS with the broker at {where} failed ({reason.lower()})")


def _no_tls(where: str) -> BrokerFailure:
    text = f"what answers at {where} does not speak TLS: name the broker's TLS port in KAFKA_URL"
    return BrokerFailure("tls_not_spoken", f"{text}, or correct MOE_KAFKA_SECURITY_PROTOCOL")


def _refused_certificate(where: str, error: ssl.SSLCertVerificationError) -> BrokerFailure:
    code, subject = error.verify_code, f"the certificate of the broker at {where}"
    if code in _NOT_VALID_NOW:
        state = "has expired" if code == 10 else "is not valid yet"
        return BrokerFailure("certificate_expired", f"{subject} {state}: renew it there, and check the clocks")
    if code in _OTHER_NAME:
        advice = "use one of its names in KAFKA_URL and in the broker's advertised.listeners"
        return BrokerFailure("hostname_mismatch", f"{subject} is for another host: {advice}")
    if code in _UNTRUSTED:
        advice = "set MOE_KAFKA_SSL_CAFILE to the authority that signed it"
        return BrokerFailure("certificate_untrusted", f"{subject} comes from an unknown authority: {advice}")
    return BrokerFailure("certificate_invalid", f"{subject} is not valid ({error.verify_message})")


def _hung_up(connection: KafkaConnection, where: str) -> BrokerFailure:
    expected = {
        "PLAINTEXT": "TLS or a password",
        "SASL_PLAINTEXT": "TLS",
        "SSL": "a password, another certificate in MOE_KAFKA_SSL_CERTFILE, or no TLS",
        "SASL_SSL": "a certificate in MOE_KAFKA_SSL_CERTFILE, or no TLS",
    }[connection.protocol]
    text = f"the broker at {where} closed the connection of a client that speaks {connection.protocol}"
    return BrokerFailure("connection_closed", f"{text}: it may expect {expected}; see MOE_KAFKA_SECURITY_PROTOCOL")
