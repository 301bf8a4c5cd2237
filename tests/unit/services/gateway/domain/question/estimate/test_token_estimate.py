# ruff: noqa: RUF001 - other scripts are the point
import json
from math import log
from typing import Any

import pytest

from services.gateway.dialects.messages.count import count_body
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.question.estimate import IMAGE_TOKENS, LONG, text_tokens

# The counts of SmolLM2's tokenizer (49,152 pieces, mostly English), as its server reported them.
COUNTED = [
    (7, "What is 2+2?"),
    (
        51,
        "Please compare the three offers and tell me which one is the cheapest over five years, including maintenance."
        " Offer A costs 1,200 euros plus 35 euros a month; offer B 2,400 euros and nothing else.",
    ),
    (
        59,
        "2026-11-21T23:55:01Z ERROR worker-17 connection to 10.0.3.14:5432 refused (attempt 3/5), retrying in 30s",
    ),
    (
        157,
        "Wasser siedet auf hohen Bergen bei niedrigerer Temperatur, weil der Luftdruck dort geringer ist. Deshalb"
        " dauert das Kochen von Kartoffeln länger als im Tal, und ein Schnellkochtopf lohnt sich besonders für"
        " Bergsteigerinnen. Die Bundesregierung hat gestern beschlossen, die Verordnung über die Kraftfahrzeugsteuer zu"
        " ändern; der Bundesrat muss noch zustimmen. Wie berechnet man die Zinsen eines Darlehens mit monatlicher"
        " Tilgung?",
    ),
    (
        84,
        "L'eau bout à une température plus basse en montagne parce que la pression de l'air y est moins élevée. C'est"
        " pourquoi la cuisson des pommes de terre y dure plus longtemps que dans la vallée. Où peut-on acheter des"
        " billets pour le train de nuit?",
    ),
    (
        135,
        "Вода кипит в горах при более низкой температуре, потому что давление воздуха там меньше. Поэтому картофель"
        " варится дольше, чем в долине. Сколько стоит билет на ночной поезд до Москвы?",
    ),
    (
        102,
        "山上的气压较低，所以水在较低的温度下就会沸腾。因此，在山上煮土豆需要更长的时间。请问去北京的夜间火车票多少钱？",
    ),
    (95, "山の上では気圧が低いため、水はより低い温度で沸騰します。そのため、じゃがいもを茹でるのに時間がかかります。"),
]


@pytest.mark.parametrize(("real", "text"), COUNTED)
def test_an_estimate_is_within_a_third_of_a_real_count(real: int, text: str) -> None:
    assert 0.64 <= text_tokens(text) / real <= 1.36


def test_the_estimate_is_far_nearer_than_characters_over_three_and_a_half() -> None:
    def off(estimate: float, real: int) -> float:
        return abs(log(estimate / real))

    ours = sum(off(text_tokens(text), real) for real, text in COUNTED)
    simple = sum(off(len(text) / 3.5, real) for real, text in COUNTED)
    assert ours < simple / 2.5


def test_parts_of_a_long_text_speak_for_the_whole() -> None:
    text = " ".join(text for _, text in COUNTED)
    times = 3 * LONG // len(text)
    assert text_tokens(text * times) == pytest.approx(text_tokens(text) * times, rel=0.05)


def test_nothing_has_no_tokens() -> None:
    assert text_tokens("") == 0


def count(**fields: object) -> Any:  # noqa: ANN401 - a JSON value
    body = {"model": "any", "messages": [{"role": "user", "content": "How are you today?"}], **fields}
    return json.loads(count_body(body))["input_tokens"]


def test_system_tools_images_and_results_are_counted() -> None:
    plain = count()
    tool = {"name": "weather", "description": "Tells how the weather is.", "input_schema": {"type": "object"}}
    image = {"type": "image", "source": {"type": "url", "url": "https://example.org/a.png"}}
    result = {"type": "tool_result", "tool_use_id": "t", "content": "It rains in the whole country."}
    assert count(system="Answer in one sentence.") > plain
    assert count(tools=[tool]) > plain
    assert count(messages=[{"role": "user", "content": [image]}]) >= IMAGE_TOKENS
    assert count(messages=[{"role": "user", "content": [result]}]) > plain


def test_what_an_answer_may_cost_need_not_be_said() -> None:
    assert count() > 0


def test_a_body_that_is_none_is_refused() -> None:
    with pytest.raises(RequestRefused, match="messages"):
        count_body({"model": "any"})
