"""Ports for the servers that tests start."""

import socket

import pytest

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.ports import LOOPBACK
from libs.embedded.ports import candidates as of_stores
from libs.testing.ports import candidates, own_port


def test_no_port_is_given_twice() -> None:
    given = [own_port() for _ in range(20)]
    assert len(set(given)) == 20


def test_what_was_given_stays_taken_although_nobody_listens_yet() -> None:
    port = own_port()
    with pytest.raises(EmbeddedStoreFailed):
        own_port(lambda: [port])


def test_a_port_that_another_process_was_given_is_passed_by() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as claim:
        claim.bind((LOOPBACK, 0))
        port = claim.getsockname()[1]
        with pytest.raises(EmbeddedStoreFailed):
            own_port(lambda: [port])


def test_a_server_can_listen_on_it() -> None:
    with socket.create_server((LOOPBACK, own_port())) as server:
        assert server.getsockname()[1]


def test_embedded_stores_choose_from_others() -> None:
    assert not set(candidates()) & set(of_stores())
