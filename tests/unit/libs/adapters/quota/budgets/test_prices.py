"""The price of a model's tokens, however the model is spelled."""

import pytest

from libs.adapters.quota.budgets.prices import PriceList, price_name

LIST = PriceList.of(
    [
        ("acme", "llama3@n1", 25.0),
        ("acme", "claude-*", 2.0),
        ("acme", "claude-opus-*", 5.0),
        ("acme", "claude-opus-5-5", 25.0),
        ("acme", "free@n1", 0.0),
        ("umbrella", "*", 3.0),
    ]
)


@pytest.mark.parametrize(
    "spelled",
    [
        "llama3@n1",
        "LLaMA3@n1",
        "llama3:latest@n1",
        "Llama3:LATEST@N1",
        "library/llama3@n1",
        "registry.ollama.ai/library/llama3:latest@n1",
    ],
)
def test_a_model_of_a_node_has_one_name(spelled: str) -> None:
    assert price_name(spelled) == "llama3@n1"


@pytest.mark.parametrize(
    "name", ["llama3:8b@n1", "meta/llama3@n1", "a@b@n1", ":latest@n1", "@n1", "moe-orchestrator", "a:latest", ""]
)
def test_what_is_another_model_keeps_its_name(name: str) -> None:
    assert price_name(name) == name


@pytest.mark.parametrize(
    ("model", "factor"),
    [
        ("llama3@n1", 25.0),
        ("LLaMA3:latest@n1", 25.0),
        ("llama3@n2", 1.0),
        ("claude-opus-5-5", 25.0),
        ("claude-opus-4-6", 5.0),
        ("claude-haiku-5-5", 2.0),
        ("claude-*", 2.0),
        ("claude", 1.0),
        ("free@n1", 0.0),
        ("", 1.0),
    ],
)
def test_its_own_price_counts_then_that_of_the_longest_beginning(model: str, factor: float) -> None:
    assert LIST.factor("acme", model) == factor


def test_prices_are_those_of_a_tenant() -> None:
    assert (LIST.factor("umbrella", "claude-opus-5-5"), LIST.factor("other", "llama3@n1")) == (3.0, 1.0)
    assert PriceList.of(()).factor("acme", "llama3@n1") == 1.0
