"""The settings of looking things up."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from services.mcp.served.web.settings import ServiceUrl


class ResearchSettings(Settings):
    """Own services that search or render for us, and keys of public ones."""

    searxng_url: ServiceUrl = Field(
        "", validation_alias="SEARXNG_URL", description="SearXNG with its JSON format on, `http://searxng:8080`"
    )
    splash_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_SPLASH_URL",
        description="Splash, `http://splash:8050`; it fetches by itself, so it must have no route to the inside",
    )
    github_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_GITHUB_TOKEN",
        description="Token for reading issues; tools show to everybody what it may read, so give it nothing private",
    )
