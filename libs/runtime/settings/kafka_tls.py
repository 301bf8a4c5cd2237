"""TLS to the broker: a private certificate authority, a client certificate, and files renewed at run time."""

import logging
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from libs.core.errors import ConfigurationError

log = logging.getLogger(__name__)

CA_FILE = "MOE_KAFKA_SSL_CAFILE"
CERTIFICATE_FILE = "MOE_KAFKA_SSL_CERTFILE"
KEY_FILE = "MOE_KAFKA_SSL_KEYFILE"
KEY_PASSWORD = "MOE_KAFKA_SSL_KEY_PASSWORD"


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files. Without a CA file the system's authorities apply; without a certificate no mTLS.

    The key may be in the file of the certificate.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    key_password: str = field(default="", repr=False)
    check_hostname: bool = True

    def context(self) -> ssl.SSLContext:
        """Read the files into a new context. Raises ConfigurationError that names the variable."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = self.check_hostname
        if self.ca is None:
            context.load_default_certs()
        else:
            with _naming(CA_FILE, self.ca):
                context.load_verify_locations(self.ca)
        if self.certificate is not None:
            self._load_certificate(context, self.certificate)
        return context

    def _load_certificate(self, context: ssl.SSLContext, certificate: Path) -> None:
        if self.key is not None:
            with _naming(KEY_FILE, self.key), self.key.open("rb"):
                pass  # the next error names the certificate alone
        with _naming(CERTIFICATE_FILE, certificate, f"; check {KEY_FILE} and {KEY_PASSWORD} too"):
            # A callable, also for no password: OpenSSL would prompt at the terminal.
            context.load_cert_chain(certificate, self.key, lambda: self.key_password)

    def version(self) -> tuple[tuple[int, int, int] | None, ...]:
        """Changes when one of the files is replaced."""
        return tuple(_file_version(path) for path in (self.ca, self.certificate, self.key))


class RotatingTlsContext(ssl.SSLContext):
    """Reads its files again when they change, so that new connections use renewed certificates.

    Files that cannot be read at that moment, a half-written one for example, leave the last good ones in use.
    """

    _files: TlsFiles
    _current: ssl.SSLContext
    _version: tuple[object, ...]

    @classmethod
    def reading(cls, files: TlsFiles) -> "RotatingTlsContext":
        """Create the context from files. Raises ConfigurationError that names the variable."""
        rotating = cls(ssl.PROTOCOL_TLS_CLIENT)
        rotating._files, rotating._version = files, files.version()
        rotating._current = files.context()
        return rotating

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,  # the signature of the standard library
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        """Start a connection with the current files; event loops call this once for each connection."""
        return self.current().wrap_bio(incoming, outgoing, server_side, server_hostname, session)

    def current(self) -> ssl.SSLContext:
        """Context of the current files, or of the last good ones."""
        if (version := self._files.version()) != self._version:
            try:
                self._current, self._version = self._files.context(), version
            except ConfigurationError as error:
                log.warning("the previous certificates stay in use: %s", error)
        return self._current


@contextmanager
def _naming(variable: str, path: Path, advice: str = "") -> Iterator[None]:
    try:
        yield
    except ssl.SSLError as error:  # an OSError, too
        reason = (error.reason or "no PEM file").replace("_", " ").lower()
        raise ConfigurationError(f"{variable}: {path} cannot be used: {reason}{advice}") from error
    except OSError as error:
        raise ConfigurationError(f"{variable}: {path} cannot be read: {error.strerror}") from error


def _file_version(path: Path | None) -> tuple[int, int, int] | None:
    if path is None:
        return None
    try:
        status = os.stat(path)  # noqa: PTH116  # follows the links that secret mounts rotate by
    except OSError:
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns
