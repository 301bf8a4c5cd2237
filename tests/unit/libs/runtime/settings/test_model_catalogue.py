"""Which model does what, from the settings that name models."""

import orjson
import pytest

from libs.contracts.staffing import ModelRef
from libs.core.errors import ConfigurationError
from libs.runtime.settings.inference_servers import InferenceServer
from libs.runtime.settings.model_catalogue import (
    ModelCatalogue,
    ModelChoice,
    build_catalogue,
    parameters_b,
    split_by_tier,
)

SERVERS = (InferenceServer("one", "http://h:1/v1"), InferenceServer("two", "http://h:2/v1", small=True))


def catalogue(choice: ModelChoice) -> ModelCatalogue:
    return build_catalogue(SERVERS, choice)


def with_experts(experts: object) -> ModelCatalogue:
    return catalogue(ModelChoice("judge", expert_models=orjson.dumps(experts).decode()))


@pytest.mark.parametrize(
    ("model", "billions"),
    [
        ("phi4:14b", 14),
        ("qwen2.5-0.5b", 0.5),
        ("mixtral:8x7b", 56),
        ("gemma3:270m", 0.27),
        ("SmolLM2-135M-Instruct", 0.135),
        ("llama3.1:8b-instruct-q4_0", 8),
        ("qwen3:30b-a3b", 30),
        ("deepseek-r1:671b", 671),
        ("kimi-k2:1t", 1000),
        ("command-r7b", 7),
        ("gpt-oss:20b", 20),
        ("magistral:24b", 24),
        ("qwen2.5-coder:32b-instruct-q8_0", 32),
        ("TheBloke/Mistral-7B-Instruct-v0.2-GGUF", 7),
    ],
)
def test_the_name_states_the_size(model: str, billions: float) -> None:
    assert parameters_b(model) == pytest.approx(billions)


@pytest.mark.parametrize(
    "model", ["gpt-4o", "mistral-large", "some-4bit-model", "claude-3.5", "llama3", "x:latest", ""]
)
def test_a_name_without_a_size_states_none(model: str) -> None:
    assert parameters_b(model) is None


def test_the_boundary_itself_is_still_small() -> None:
    refs = [ModelRef(model=model, server="one") for model in ("a:70b", "b:20b", "c", "d:20.5b")]

    assert split_by_tier(refs, 20.0) == ((refs[1], refs[2]), (refs[0], refs[3]))


def test_large_models_alone_lend_their_first_to_the_first_tier() -> None:
    refs = [ModelRef(model=model, server="one") for model in ("a:70b", "b:30b")]

    assert split_by_tier(refs, 20.0) == ((refs[0],), (refs[1],))
    assert split_by_tier(refs[:1], 20.0) == ((refs[0],), ())


def test_one_judge_model_is_enough_for_everything() -> None:
    models = catalogue(ModelChoice("judge"))

    assert models.judge == models.planner == ModelRef(model="judge", server="one")
    assert models.experts("general") == ((ModelRef(model="judge", server="one"),), ())


def test_endpoints_choose_the_server() -> None:
    models = catalogue(ModelChoice("judge", "two", planner_model="plan", planner_endpoint="two"))

    assert models.judge == ModelRef(model="judge", server="two")
    assert models.planner == ModelRef(model="plan", server="two")


def test_an_empty_endpoint_is_the_first_server() -> None:
    assert catalogue(ModelChoice("judge", "two", planner_model="plan")).planner == ModelRef(model="plan", server="one")


def test_a_planner_endpoint_alone_asks_the_judges_model_there() -> None:
    assert catalogue(ModelChoice("judge", planner_endpoint="two")).planner == ModelRef(model="judge", server="two")


def test_experts_are_named_as_objects_or_as_text() -> None:
    models = with_experts(
        {
            "code": [{"model": "a:7b", "endpoint": "two"}, "b:70b@one", "c:3b", {"model": "d:1b", "x": 1}],
            "math": "e:2b@two",
        }
    )

    assert models.experts("code") == (
        (
            ModelRef(model="a:7b", server="two"),
            ModelRef(model="c:3b", server="one"),
            ModelRef(model="d:1b", server="one"),
        ),
        (ModelRef(model="b:70b", server="one"),),
    )
    assert models.experts("math") == ((ModelRef(model="e:2b", server="two"),), ())


def test_a_category_without_models_asks_the_judges() -> None:
    assert with_experts({"code": []}).experts("code") == ((ModelRef(model="judge", server="one"),), ())


def test_a_model_named_twice_is_asked_once() -> None:
    assert with_experts({"code": ["a:7b", {"model": "a:7b"}]}).experts("code") == (
        (ModelRef(model="a:7b", server="one"),),
        (),
    )


def test_the_boundary_is_a_setting() -> None:
    choice = ModelChoice("judge", expert_models='{"code":["a:7b","b:14b"]}', tier_boundary_b=10)

    assert catalogue(choice).experts("code") == (
        (ModelRef(model="a:7b", server="one"),),
        (ModelRef(model="b:14b", server="one"),),
    )


def test_the_server_says_whether_a_model_is_small() -> None:
    models = catalogue(ModelChoice("judge"))

    assert models.is_small(ModelRef(model="any", server="two"))
    assert not models.is_small(ModelRef(model="any", server="one"))


@pytest.mark.parametrize(
    ("choice", "variable"),
    [
        (ModelChoice(""), "JUDGE_MODEL"),
        (ModelChoice("m", "three"), "JUDGE_ENDPOINT"),
        (ModelChoice("m", planner_model="p", planner_endpoint="three"), "PLANNER_ENDPOINT"),
        (ModelChoice("m", planner_endpoint="three"), "PLANNER_ENDPOINT"),
        (ModelChoice("m", expert_models="{"), "EXPERT_MODELS"),
        (ModelChoice("m", expert_models="[]"), "EXPERT_MODELS"),
        (ModelChoice("m", expert_models='{"code":[{"endpoint":"one"}]}'), "EXPERT_MODELS"),
        (ModelChoice("m", expert_models='{"code":[7]}'), "EXPERT_MODELS"),
        (ModelChoice("m", expert_models='{"code":["m@three"]}'), "EXPERT_MODELS"),
        (ModelChoice("m", expert_models='{"code":["@one"]}'), "EXPERT_MODELS"),
    ],
)
def test_a_wrong_choice_is_one_line_that_names_the_variable(choice: ModelChoice, variable: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        catalogue(choice)

    assert str(caught.value).startswith(f"{variable}: ")
    assert "\n" not in str(caught.value)


def test_without_servers_there_is_no_catalogue() -> None:
    with pytest.raises(ConfigurationError, match="INFERENCE_SERVERS"):
        build_catalogue((), ModelChoice("judge"))
