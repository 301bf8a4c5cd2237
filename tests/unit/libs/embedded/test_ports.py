import socket

import pytest

from libs.embedded.errors import EmbeddedStoreFailed
from libs.embedded.ports import LOOPBACK, candidates, free_port, is_free


def test_a_port_somebody_listens_on_is_not_free() -> None:
    with socket.create_server((LOOPBACK, 0)) as server:
        assert not is_free(server.getsockname()[1])


def test_taken_ports_are_passed_over() -> None:
    assert free_port(lambda: [20_001, 20_002, 20_003], lambda port: port == 20_002) == 20_002


def test_no_port_at_all_is_an_error_that_says_so() -> None:
    with pytest.raises(EmbeddedStoreFailed, match="no free port between"):
        free_port(lambda: [20_001], lambda _: False)


def test_ports_are_below_those_of_outgoing_connections() -> None:
    assert max(candidates()) < 32_768


def test_two_fleets_do_not_try_the_same_ports_in_the_same_order() -> None:
    assert list(candidates()) != list(candidates())
