import pytest

from libs.http.context import trace_of

VALID = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def test_a_valid_trace_is_carried_on() -> None:
    assert trace_of(VALID) == VALID


@pytest.mark.parametrize(
    "traceparent",
    [
        "",
        "nonsense",
        VALID.upper(),
        f"ff{VALID[2:]}",
        f"00-{'0' * 32}-00f067aa0ba902b7-01",
        f"00-4bf92f3577b34da6a3ce929d0e0e4736-{'0' * 16}-01",
        f"{VALID}\n",
    ],
)
def test_anything_else_begins_a_new_one(traceparent: str) -> None:
    first, second = trace_of(traceparent), trace_of(traceparent)
    assert first != second
    assert trace_of(first) == first
