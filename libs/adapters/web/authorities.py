"""Public certificate authorities for TLS to outside servers."""

import functools
import ssl

import certifi


def own_authorities() -> ssl.SSLContext:
    """A new context that may be changed. Loading certifi's list takes 25 ms of CPU."""
    return ssl.create_default_context(cafile=certifi.where())


@functools.cache
def public_authorities() -> ssl.SSLContext:
    """The shared context of this process's clients. Do not change it."""
    return own_authorities()
