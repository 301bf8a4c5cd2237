"""The public certificate authorities that servers outside are checked with."""

import functools
import ssl

import certifi


def own_authorities() -> ssl.SSLContext:
    """Return a new context that may be changed. Loading certifi's list takes 25 ms of CPU."""
    return ssl.create_default_context(cafile=certifi.where())


@functools.cache
def public_authorities() -> ssl.SSLContext:
    """Return the context that the clients of this process share. Do not change it."""
    return own_authorities()
