"""The settings of looking things up."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from services.mcp.tools.served.web.settings import ServiceUrl


class ResearchSettings(Settings):
    """Own services that search or render for us, and keys of public ones."""

    searxng_url: ServiceUrl = Field(
        "",
        validation_alias="SEARXNG_URL",
        description="SearXNG server with the JSON format enabled, `http://searxng:8080`",
    )
    splash_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_SPLASH_URL",
        description="Splash server, `http://splash:8050`; it fetches by itself, so it must have no route to internal "
        "networks",
    )
    github_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_GITHUB_TOKEN",
        description="GitHub token for reading issues; every user of the tool sees what it can read, so grant no "
        "private access",
    )
