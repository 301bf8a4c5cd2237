"""A private certificate authority for tests: certificates of brokers and clients, valid or expired."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import count
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from libs.core.clock import SystemClock

_SERIALS = count(1)
_VALID_FOR = timedelta(days=2)


@dataclass(frozen=True)
class Issued:
    """The PEM files of a certificate and of its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True)
class Authority:
    """Signs certificates for hosts (names or addresses). Clients trust `certificate`."""

    folder: Path
    certificate: Path
    _name: x509.Name
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def new(cls, folder: Path, name: str = "authority") -> "Authority":
        """Write its files, and those of issued certificates, to `folder`."""
        key, subject = ec.generate_private_key(ec.SECP256R1()), _named(name)
        builder = _builder(subject, subject, _now() + _VALID_FOR).public_key(key.public_key())
        usage = x509.KeyUsage(
            digital_signature=True,
            key_cert_sign=True,
            crl_sign=True,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(usage, critical=True)
        builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        path = folder / f"{name}.pem"
        path.write_bytes(builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return cls(folder, path, subject, key)

    def issue(self, name: str, *hosts: str, expired: bool = False, key_password: str = "") -> Issued:
        """A certificate for some hosts (none: for a client), and its key in PKCS 8."""
        key, number = ec.generate_private_key(ec.SECP256R1()), next(_SERIALS)
        ends = _now() + (timedelta(hours=-1) if expired else _VALID_FOR)
        builder = _builder(_named(name), self._name, ends).public_key(key.public_key())
        if hosts:
            builder = builder.add_extension(
                x509.SubjectAlternativeName([_host(host) for host in hosts]), critical=False
            )
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        signed = builder.add_extension(authority, critical=False).sign(self._key, hashes.SHA256())
        issued = Issued(self.folder / f"{name}-{number}.pem", self.folder / f"{name}-{number}.key")
        issued.certificate.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
        issued.key.write_bytes(_pem(key, key_password))
        return issued


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)


def _builder(subject: x509.Name, issuer: x509.Name, ends: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer)
    begins = _now() - _VALID_FOR
    return builder.serial_number(x509.random_serial_number()).not_valid_before(begins).not_valid_after(ends)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _pem(key: ec.EllipticCurvePrivateKey, password: str) -> bytes:
    encryption = serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
