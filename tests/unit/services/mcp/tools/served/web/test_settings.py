"""Settings of web access: off by default, and an error names the wrong one."""

import pytest

from libs.adapters.web.fetcher import user_agent
from libs.core.errors import ConfigurationError
from libs.ports.fetching import FetchError, FetchRequest
from services.mcp.tools.served.infra.settings import InfraSettings
from services.mcp.tools.served.media.settings import MediaSettings
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.tasks.settings import TaskSettings
from services.mcp.tools.served.web.fetchers import outside_of
from services.mcp.tools.served.web.outside import WEB_IS_OFF
from services.mcp.tools.served.web.settings import WebSettings


class AllSettings(WebSettings, ResearchSettings, TaskSettings, InfraSettings, MediaSettings):
    """As a process has them."""


def test_nothing_is_asked_of_the_web_unless_the_operator_says_so() -> None:
    assert outside_of(AllSettings.read({})).why_not == WEB_IS_OFF
    assert outside_of(AllSettings.read({"MOE_WEB_TOOLS": "on"})).why_not is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOE_WEB_TOOLS", "yes"),
        ("SEARXNG_URL", "searxng:8080"),
        ("MOE_SPLASH_URL", "ftp://splash/"),
        ("MOE_IMAGE_URL", "http://user:hidden@images/"),
        ("MOE_SPEECH_URL", "http://speech:99999/"),
        ("MOE_INFRA_URL", "http://"),
        ("MOE_PM_WEBHOOK_URL", "https:/hook/hidden"),
        ("MOE_PM_REPOSITORY", "no-owner"),
        ("MOE_PM_PROVIDER", "jira"),
    ],
)
def test_a_wrong_setting_is_told_by_its_name_and_not_repeated(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as caught:
        AllSettings.read({name: value})
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MOE_FETCH_ALLOW", "wiki"),
        ("MOE_FETCH_ALLOW", "http://wiki:80"),
        ("MOE_FETCH_REFUSE", "10.0.0.1/8"),
        ("MOE_FETCH_REFUSE", "x"),
    ],
)
def test_a_wrong_reach_is_told_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=name):
        outside_of(AllSettings.read({name: value}))


async def test_a_service_of_the_operator_is_not_within_reach_of_what_users_name() -> None:
    outside = outside_of(AllSettings.read({"MOE_WEB_TOOLS": "on", "SEARXNG_URL": "http://127.0.0.1:9/"}))
    with pytest.raises(FetchError) as caught:
        await outside.web.fetch(FetchRequest("http://127.0.0.1:9/"))
    assert caught.value.code == "port_refused"
    with pytest.raises(FetchError) as caught:
        await outside.service("http://127.0.0.1:9/", 1.0).fetch(FetchRequest("http://127.0.0.1:80/"))
    assert caught.value.code == "host_refused"


def test_secrets_are_in_no_text_of_the_settings() -> None:
    given = {
        name: "hidden-secret"
        for name in ("MOE_GITHUB_TOKEN", "MOE_PM_TOKEN", "MOE_INFRA_KEY", "MOE_IMAGE_KEY", "MOE_SPEECH_KEY")
    }
    settings = AllSettings.read(given | {"MOE_PM_WEBHOOK_URL": "https://hooks.example.org/hidden-secret"})
    assert "hidden" not in repr(settings) + settings.model_dump_json()


def test_the_user_agent_says_whom_to_write_to_and_nothing_more() -> None:
    assert "https://fleet.example.org/bot" in user_agent("https://fleet.example.org/bot")
    with pytest.raises(ConfigurationError, match="MOE_FETCH_CONTACT"):
        AllSettings.read({"MOE_FETCH_CONTACT": "x\r\ncookie: a"})
