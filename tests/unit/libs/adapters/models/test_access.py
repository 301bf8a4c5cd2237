import pytest

from libs.adapters.models.access import read_models
from libs.contracts.staffing import ModelRef
from libs.core.errors import ConfigurationError
from libs.ports.llm import ChatMessage, ModelRefused, ModelRequest
from libs.runtime.settings import ModelSettings

SERVERS = '[{"name":"local","url":"http://127.0.0.1:9/v1","small":true}]'


def test_one_server_and_a_judge_model_are_enough() -> None:
    models = read_models(ModelSettings(inference_servers=SERVERS, judge_model="phi4:14b"))
    assert models.catalogue.planner == models.catalogue.judge == ModelRef(model="phi4:14b", server="local")
    assert models.catalogue.is_small(models.catalogue.judge)


def test_a_missing_judge_model_is_named() -> None:
    with pytest.raises(ConfigurationError, match="JUDGE_MODEL"):
        read_models(ModelSettings(inference_servers=SERVERS))


async def test_models_that_are_not_entered_cannot_be_asked() -> None:
    models = read_models(ModelSettings(inference_servers=SERVERS, judge_model="phi4:14b"))
    with pytest.raises(RuntimeError, match="not entered"):
        await models.llm.complete(ModelRequest(models.catalogue.judge, (ChatMessage("user", "?"),), timeout_s=1))


async def test_the_call_goes_to_the_named_server_while_entered() -> None:
    models = read_models(ModelSettings(inference_servers=SERVERS, judge_model="phi4:14b"))
    unknown_server = ModelRequest(
        ModelRef(model="phi4:14b", server="elsewhere"), (ChatMessage("user", "?"),), timeout_s=1
    )
    async with models.llm:
        with pytest.raises(ModelRefused, match="elsewhere"):
            await models.llm.complete(unknown_server)
