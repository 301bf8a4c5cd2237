"""Answers of the fleet as response objects."""

import orjson
import pytest

from libs.contracts.answer import AnswerFinished
from libs.contracts.origin import Origin
from libs.contracts.progress import RequestOpened
from libs.contracts.question import Question
from libs.core.ids import new_response_id
from libs.ports.answers import ResponseState
from services.gateway.dialects.response_body import response_body

OPENED = RequestOpened(question=Question(text="Why?"), model="m", accepted_at=1.0).opening(
    Origin(new_response_id(0, 1.0), "default", deadline_at=60.0)
)


@pytest.mark.parametrize(("truncated", "status"), [(False, "completed"), (True, "incomplete")])
def test_a_text_that_a_limit_cut_is_an_incomplete_item(*, truncated: bool, status: str) -> None:
    end = AnswerFinished(outcome="answered", text="Because", truncated=truncated).after(OPENED)
    told = orjson.loads(response_body(OPENED, ResponseState(OPENED, end)))
    assert (told["status"], [item["status"] for item in told["output"]]) == (status, [status])
