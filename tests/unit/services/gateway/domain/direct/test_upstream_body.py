"""Request body for a model server."""

import re

import pytest

from services.gateway.dialects.chat.dialect import CHAT
from services.gateway.dialects.ollama.dialect import OLLAMA_CHAT
from services.gateway.domain.body.chat_parameters import DOCUMENTED
from services.gateway.domain.direct.upstream import Upstream
from services.gateway.domain.direct.upstream_body import Form, model_body
from services.gateway.domain.errors import RequestRefused
from services.gateway.domain.routing.call_options import CallOptions
from tests.support.paths import ROOT

SAID: dict[str, object] = {"model": "moe-orchestrator", "messages": [{"role": "user", "content": "Hi"}]}
BOUNDED = {**SAID, "max_tokens": 10}
UPSTREAM = Upstream(most_tokens=1000, default_tokens=100)
# Fields by which servers are reached past their operator, by the servers that know them.
OF_OPERATORS = {
    "llama.cpp": (
        "n_predict",
        "cache_prompt",
        "id_slot",
        "slot_id",
        "lora",
        "n_keep",
        "grammar",
        "samplers",
        "t_max_predict_ms",
    ),
    "vLLM": (
        "guided_json",
        "guided_regex",
        "guided_grammar",
        "structured_outputs",
        "chat_template",
        "chat_template_kwargs",
        "mm_processor_kwargs",
        "kv_transfer_params",
        "cache_salt",
        "priority",
        "ignore_eos",
        "min_tokens",
        "logits_processors",
        "prompt_logprobs",
        "vllm_xargs",
        "documents",
    ),
    "LiteLLM": (
        "api_base",
        "api_key",
        "base_url",
        "models",
        "fallbacks",
        "extra_body",
        "extra_headers",
        "mock_response",
    ),
    "OpenRouter": ("route", "provider", "transforms", "plugins", "models"),
    "OpenAI": (
        "store",
        "metadata",
        "service_tier",
        "user",
        "safety_identifier",
        "prompt_cache_key",
        "prompt_cache_retention",
        "web_search_options",
    ),
    "Ollama": ("options", "keep_alive", "num_ctx", "raw", "template", "system", "num_predict"),
    "SGLang": ("lora_path", "rid", "session_params", "custom_logit_processor", "bootstrap_host"),
}


def sent(upstream: Upstream = UPSTREAM, **fields: object) -> dict[str, object]:
    return sent_by(Form(), fields, upstream)


def sent_by(form: Form, fields: dict[str, object], upstream: Upstream = UPSTREAM) -> dict[str, object]:
    return model_body(CHAT.read({**BOUNDED, **fields}), "judge", upstream, form=form)


def test_the_model_is_the_one_that_is_asked() -> None:
    assert sent()["model"] == "judge"


@pytest.mark.parametrize("server", OF_OPERATORS)
@pytest.mark.parametrize("api_type", ["openai", "ollama"])
def test_no_client_reaches_past_an_operator(server: str, api_type: str) -> None:
    upstream = Upstream(api_type="ollama" if api_type == "ollama" else "openai")
    typed: dict[str, object] = {"store": True, "user": "ann"}
    fields = {name: typed.get(name, {"a": 1}) for name in OF_OPERATORS[server]}
    assert sent_by(Form(), fields, upstream) == {**BOUNDED, "model": "judge"}


def test_documented_fields_go_through_and_null_says_nothing() -> None:
    body = sent(seed=7, top_p=0.5, stop=["x"], no_cache=True, session_id="s", logprobs=None)
    assert body == {**BOUNDED, "model": "judge", "seed": 7, "top_p": 0.5, "stop": ["x"]}


def test_an_operator_lets_more_pass() -> None:
    upstream = Upstream(passed=frozenset({"chat_template_kwargs"}))
    body = sent(upstream, chat_template_kwargs={"enable_thinking": False}, store=True)
    assert body == {**BOUNDED, "model": "judge", "chat_template_kwargs": {"enable_thinking": False}}


def test_ollama_is_sent_what_its_protocol_has() -> None:
    assert "top_k" in DOCUMENTED["openai"] - DOCUMENTED["ollama"]
    body = sent(Upstream(api_type="ollama"), top_k=5, verbosity="low", max_completion_tokens=7)
    assert body == {**SAID, "model": "judge", "max_tokens": 7}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reasoning_effort", {"a": 1}),
        ("parallel_tool_calls", "yes"),
        ("stop", {"a": 1}),
        ("stop", ["x"] * 65),
        ("stop", [{"a": 1}]),
        ("logit_bias", {str(token): 1 for token in range(1025)}),
        ("top_k", True),
        ("n", 0),
        ("n", -1),
        ("n", 9),
        ("n", True),
        ("top_logprobs", 21),
        ("max_tokens", 0),
        ("max_tokens", -1),
        ("max_completion_tokens", -2),
        ("max_tokens", True),
        ("max_tokens", 1.5),
    ],
)
def test_a_documented_field_of_another_type_or_size_is_refused_by_its_name(name: str, value: object) -> None:
    with pytest.raises(RequestRefused) as caught:
        sent_by(Form(), {name: value})
    assert (caught.value.error.status, (caught.value.error.param or "").partition(".")[0]) == (400, name)


@pytest.mark.parametrize(
    ("asked", "passed"),
    [
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_tokens": 2**31 - 1}, {"max_tokens": 1000}),
        ({"max_completion_tokens": 5000}, {"max_completion_tokens": 1000}),
        ({"max_tokens": 7, "max_completion_tokens": 5000}, {"max_tokens": 7, "max_completion_tokens": 1000}),
        ({}, {"max_tokens": 100}),
        ({"max_tokens": None}, {"max_tokens": 100}),
    ],
)
def test_every_answer_is_bounded(asked: dict[str, object], passed: dict[str, object]) -> None:
    assert model_body(CHAT.read({**SAID, **asked}), "judge", UPSTREAM) == {**SAID, "model": "judge", **passed}


@pytest.mark.parametrize("infinite", [-1, -2])
def test_ollama_s_words_for_no_bound_are_not_passed_on(infinite: int) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "options": {"num_predict": infinite}}
    assert model_body(OLLAMA_CHAT.read(body), "judge", UPSTREAM)["max_tokens"] == 100


def test_the_bound_of_a_profile_counts_where_the_client_sets_none() -> None:
    assert model_body(CHAT.read(SAID), "judge", UPSTREAM, CallOptions(max_tokens=20))["max_tokens"] == 20


def test_options_of_ollama_that_are_no_hints_stay_behind() -> None:
    options = {"top_k": 5, "num_ctx": 10**9, "num_gpu": 9, "mirostat": 1, "stop": ["x"], "num_keep": -1}
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "options": options, "stream": False}
    passed = model_body(OLLAMA_CHAT.read(body), "judge", UPSTREAM)
    assert passed.keys() == {"model", "messages", "stream", "stop", "top_k", "max_tokens"}


@pytest.mark.parametrize(("name", "value"), [("top_k", {"a": 1}), ("min_p", "x"), ("seed", [1])])
def test_a_hint_of_another_type_is_refused_by_its_name(name: str, value: object) -> None:
    body = {"model": "m", "messages": [{"role": "user", "content": "Hi"}], "options": {name: value}}
    with pytest.raises(RequestRefused) as caught:
        OLLAMA_CHAT.read(body)
    assert caught.value.error.param == f"options.{name}"


def test_a_stream_is_always_counted() -> None:
    assert sent(stream=True)["stream_options"] == {"include_usage": True}


def test_documented_wishes_about_the_stream_stay() -> None:
    wishes = {"include_usage": False, "include_obfuscation": False, "continuous_usage_stats": True}
    assert sent(stream=True, stream_options=wishes)["stream_options"] == {
        "include_usage": True,
        "include_obfuscation": False,
    }


def test_a_server_that_does_not_count_is_not_asked_to() -> None:
    assert "stream_options" not in sent_by(Form(count=False), {"stream": True})


@pytest.mark.parametrize(
    ("complaint", "form"),
    [
        (
            b"Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens'",
            Form(limit="max_completion_tokens"),
        ),
        (b"This model's maximum context length is 4096 tokens", Form(default=False)),
        (b"'max_tokens' or 'max_completion_tokens' is too large: 32768", Form(default=False)),
        (b"unknown field stream_options", Form(count=False)),
        (b"unknown field tools", None),
    ],
)
def test_a_server_that_objects_to_the_form_is_asked_in_a_simpler_one(complaint: bytes, form: Form | None) -> None:
    assert Form().simpler(400, complaint) == form
    assert Form().simpler(500, complaint) is None


def test_a_simpler_form_ends_somewhere() -> None:
    form: Form | None = Form()
    for _ in range(4):
        assert form is not None
        form = form.simpler(400, b"stream_options max_tokens not supported, use max_completion_tokens")
        if form is None:
            return
    raise AssertionError("the server would be asked for ever")


def test_the_other_field_for_the_limit_has_the_smaller_number() -> None:
    form = Form(limit="max_completion_tokens")
    body = sent_by(form, {"max_completion_tokens": 20})
    assert (body.get("max_tokens"), body["max_completion_tokens"]) == (None, 10)


def test_the_documentation_lists_what_is_passed_on() -> None:
    page = (ROOT / "docs" / "direct.md").read_text()
    rows = {
        line.split("|")[1].strip(" `"): set(re.findall(r"`(\w+)`", line.split("|")[2]))
        for line in page.split("\n")
        if line.startswith(("| `openai`", "| `ollama`"))
    }
    assert rows == {"openai": DOCUMENTED["openai"], "ollama": DOCUMENTED["openai"] - DOCUMENTED["ollama"]}
