"""Normalizes hosts of URLs; separates IPv4 addresses from names as browsers do."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import TypeAlias

import idna

from libs.ports.fetching import FetchError

Host: TypeAlias = str | IPv4Address | IPv6Address

MAX_HOST_CHARS = 253
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SPECIAL_USE = frozenset(
    {"alt", "arpa", "example", "internal", "invalid", "lan", "local", "localhost", "onion", "test"}
)


def read_host(text: str) -> Host:
    """Normalize a host. Raises FetchError.

    A host whose last label is a number is an IPv4 address in any of its spellings (WHATWG URL, 3.5): decimal, octal,
    hex, short. IDNA first maps digits of other scripts to ASCII (UTS 46, non-transitional), so they hide no address.
    """
    if text.startswith("[") and text.endswith("]"):
        return _ipv6(text[1:-1])
    name = _ascii(text).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ipv4(labels)
    if labels[-1][:1].isdigit():
        raise FetchError("host_refused", "the host ends in what is nearly a number, and in no domain")
    if len(name) > MAX_HOST_CHARS or not all(_LABEL.fullmatch(label) for label in labels):
        raise FetchError("host_refused", "the host is not a name as DNS has them")
    return name


def is_internal_name(name: str) -> bool:
    """True for a name without meaning on the public internet: one label, or a special-use domain (RFC 6761)."""
    first, _, last = name.rpartition(".")
    return not first or last in _SPECIAL_USE


def _ascii(text: str) -> str:
    if text.isascii():
        return text.lower()
    try:
        return idna.encode(text, uts46=True, std3_rules=True, transitional=False).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise FetchError("host_refused", "the host is not an internationalised name (IDNA 2008)") from error


def _ipv6(text: str) -> IPv6Address:
    if "%" in text:
        raise FetchError("host_refused", "an IPv6 address with a zone is never public")
    try:
        return IPv6Address(text)
    except AddressValueError as error:
        raise FetchError("host_refused", "the host in brackets is not an IPv6 address") from error


def _ipv4(labels: list[str]) -> IPv4Address:
    """Parse one to four numbers; the last one fills the remaining bytes."""
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise FetchError("host_refused", "the host ends in a number and is not an IPv4 address")
    *first, last = [_number(label) for label in labels]
    if any(number > 0xFF for number in first) or last >= 256 ** (4 - len(first)):
        raise FetchError("host_refused", "the host is an IPv4 address with a number that is too large")
    return IPv4Address(sum(number << (24 - 8 * place) for place, number in enumerate(first)) + last)


def _number(label: str) -> int:
    if len(label) > 20:
        raise FetchError("host_refused", "the host is an IPv4 address with a number that is too large")
    if label.startswith("0x"):
        return int(label[2:] or "0", 16)
    octal = len(label) > 1 and label.startswith("0")
    try:
        return int(label, 8 if octal else 10)
    except ValueError as error:
        raise FetchError("host_refused", "the host is an IPv4 address with an octal number that is none") from error
