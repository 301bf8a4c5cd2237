"""No request has a body that a proxy in front could measure differently."""

import pytest

from libs.core.tasks import TaskSet
from libs.runtime.process.http.listener import HttpListener
from libs.runtime.process.probes import Readiness, with_metrics
from libs.testing.hostile_requests import AMBIGUOUS, HostileRequest, attack

SMUGGLED = b"GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"


@pytest.mark.parametrize("field", AMBIGUOUS)
@pytest.mark.parametrize("dripped", [False, True])
async def test_an_ambiguous_request_gets_one_400_and_nothing_behind_it_an_answer(field: bytes, dripped: bool) -> None:
    errors: list[BaseException] = []
    listener = HttpListener(with_metrics(Readiness(())), "127.0.0.1", 0, TaskSet(errors.append))
    listener.start()
    head = b"POST /x HTTP/1.1\r\nhost: 127.0.0.1\r\n" + field + b"\r\n\r\n"
    pieces = (head, b"0\r\n\r\n", SMUGGLED) if dripped else (head + b"0\r\n\r\n" + SMUGGLED,)
    outcome = await attack(listener.port, HostileRequest("ambiguous", pieces, frozenset({400}), dripped=dripped))
    await listener.stop()
    assert errors == []
    assert outcome.responses == 1
    assert outcome.status in ({400, 404} if dripped else {400})
