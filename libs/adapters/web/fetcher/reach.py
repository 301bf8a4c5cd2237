"""Allowed targets: public hosts on ports 80 and 443 and operator-named authorities, or one service only."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from typing import Self

from libs.adapters.web.fetcher.addresses import Address, is_public, reached
from libs.core.address_blocks import Network
from libs.core.errors import ConfigurationError
from libs.ports.fetching import FetchError
from libs.ports.web_host import is_internal_name
from libs.ports.web_url import WebUrl, parse_url

_PUBLIC_PORTS = frozenset({80, 443})


@dataclass(frozen=True, slots=True)
class Reach:
    """`own` are authorities (`host:port`) named by the operator: allowed on any port and at any address.

    `refused` are blocked public networks. If `public` is false, only `own` is allowed.
    """

    own: frozenset[tuple[str, int]] = frozenset()
    refused: tuple[Network, ...] = ()
    public: bool = True

    @classmethod
    def read(cls, allow: str, refuse: str) -> Self:
        """Parse two settings, `host:port,…` and `network,…`. Raises ConfigurationError."""
        own = frozenset(_authority(part) for part in _parts(allow))
        return cls(own=own, refused=tuple(_network(part) for part in _parts(refuse)))

    @classmethod
    def of_service(cls, url: str) -> Self:
        """Allow one service only. Raises ConfigurationError."""
        try:
            service = parse_url(url)
        except FetchError as error:
            raise ConfigurationError(f"the URL of a service is wrong: {error}") from error
        return cls(own=frozenset({(service.hostname, service.port)}), public=False)

    def is_own(self, url: WebUrl) -> bool:
        return (url.hostname, url.port) in self.own

    def check_url(self, url: WebUrl) -> None:
        """Raise FetchError for a URL that is refused at any address."""
        if self.is_own(url):
            return
        if not self.public:
            raise FetchError("host_refused", "this service is not asked for anything at another host or port")
        if url.port not in _PUBLIC_PORTS:
            raise FetchError("port_refused", "only ports 80 and 443 are asked")
        if isinstance(url.host, str) and is_internal_name(url.host):
            raise FetchError("host_refused", "the host is not a name on the public internet")

    def checked(self, url: WebUrl, answers: Sequence[str]) -> tuple[Address, ...]:
        """The addresses to connect to. Raises FetchError if a single one is not public."""
        try:
            addresses = tuple(dict.fromkeys(reached(ip_address(answer)) for answer in answers))
        except ValueError as error:
            raise FetchError("address_refused", "the host has an address that is none") from error
        if not addresses:
            raise FetchError("unresolved", "the host has no address")
        if not self.is_own(url) and not all(self._is_asked(address) for address in addresses):
            raise FetchError("address_refused", "the host has an address that is not on the public internet")
        return addresses

    def _is_asked(self, address: Address) -> bool:
        return is_public(address) and not any(_within(address, network) for network in self.refused)


def _within(address: Address, network: Network) -> bool:
    if isinstance(network, IPv4Network):
        return isinstance(address, IPv4Address) and address in network
    return isinstance(address, IPv6Address) and address in network


def _parts(setting: str) -> list[str]:
    return [part.strip() for part in setting.split(",") if part.strip()]


def _authority(text: str) -> tuple[str, int]:
    try:
        url = parse_url(f"http://{text}/")
    except FetchError as error:
        raise ConfigurationError(f"MOE_FETCH_ALLOW: {text[:40]!r} is not host:port") from error
    if f"http://{text}/".lower() != f"http://{url.hostname}:{url.port}/" and not text.startswith("["):
        raise ConfigurationError(f"MOE_FETCH_ALLOW: {text[:40]!r} is not host:port; the port has to be told")
    return url.hostname, url.port


def _network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise ConfigurationError(f"MOE_FETCH_REFUSE: {text[:40]!r} is not a network like 203.0.113.0/24") from error
