"""Settings of web access."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from libs.ports.fetching import FetchError
from libs.ports.web_url import parse_url
from libs.runtime.settings import Settings


def _checked(url: str) -> str:
    try:
        return str(parse_url(url)).rstrip("/") if url else ""
    except FetchError as error:
        raise ValueError(str(error)) from error


def _checked_secret(url: SecretStr) -> SecretStr:
    _checked(url.get_secret_value())
    return url


ServiceUrl = Annotated[str, AfterValidator(_checked)]  # of a service of the operator's; without a slash at its end
SecretUrl = Annotated[SecretStr, AfterValidator(_checked_secret)]


class WebSettings(Settings):
    """Whether tools may use the web, and which part of it."""

    web_tools: Literal["on", "off"] = Field(
        "off",
        validation_alias="MOE_WEB_TOOLS",
        description="`on`: tools may use the public web; configured services are used in any case",
    )
    fetch_contact: str = Field(
        "",
        max_length=200,
        pattern=r"^[!-'*-~]*$",
        validation_alias="MOE_FETCH_CONTACT",
        description="Contact address or URL in the user agent of web tools; required by Wikimedia, Crossref and NCBI",
    )
    fetch_allow: str = Field(
        "",
        validation_alias="MOE_FETCH_ALLOW",
        description="Private hosts that user-supplied URLs may reach, `host:port`, comma-separated",
    )
    fetch_refuse: str = Field(
        "",
        validation_alias="MOE_FETCH_REFUSE",
        description="Public networks that user-supplied URLs may not reach, `203.0.113.0/24`, comma-separated",
    )
