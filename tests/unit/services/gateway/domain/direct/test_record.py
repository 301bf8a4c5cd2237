"""Fields of a direct request that its record reads."""

import orjson

from libs.testing.fake_clock import TEST_TIME_S, FakeClock
from services.gateway.domain.direct.record import read_record
from tests.support.direct_requests import SAID, case


def test_a_direct_request_counts_in_the_day_in_which_it_was_accepted() -> None:
    open_case = case()
    assert isinstance(open_case.clock, FakeClock)
    open_case.clock.advance(90)
    record = open_case.as_record("answered", SAID)
    assert (record.logged().ts, record.ended_at) == (TEST_TIME_S, TEST_TIME_S + 90)


def test_a_record_of_an_earlier_version_is_priced_by_what_its_client_asked_for() -> None:
    entry = orjson.loads(case().as_record("answered", SAID).entry())
    del entry["priced_as"]
    assert read_record(orjson.dumps(entry)).logged().account.priced_as == ""
