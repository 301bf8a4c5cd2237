import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dialects.by_path import DIALECTS
from services.gateway.dialects.dialect import Dialect
from services.gateway.domain.streaming.reply import line_safe
from tests.support.dialects.outputs import Told, head, written

ENDS = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.name)
def test_no_client_sees_more_lines_than_there_are(dialect: Dialect) -> None:
    frames = dialect.frames(head(echo='{"thinking":true}'))
    data = written(Told([ENDS], [f"One{end}two" for end in ENDS]), frames)
    assert len(data.decode().splitlines()) == data.count(b"\n")


@given(st.text() | st.text(ENDS + 'é\\u"'))
def test_the_value_stays_the_same(text: str) -> None:
    data = line_safe(json.dumps(text, ensure_ascii=False).encode(errors="replace"))
    assert json.loads(data) == json.loads(json.dumps(text, ensure_ascii=False).encode(errors="replace"))
    assert len(data.decode().splitlines()) == 1
