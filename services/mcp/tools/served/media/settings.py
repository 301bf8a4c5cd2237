"""The settings of making pictures and speech."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from services.mcp.tools.served.web.settings import ServiceUrl


class MediaSettings(Settings):
    """Servers that speak OpenAI's images and speech interfaces."""

    image_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_IMAGE_URL",
        description="Image server with OpenAI's `/images/generations`, `http://images:8000/v1`",
    )
    image_key: SecretStr = Field(
        SecretStr(""), validation_alias="MOE_IMAGE_KEY", description="API key of the image server"
    )
    speech_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_SPEECH_URL",
        description="Speech server with OpenAI's `/audio/speech`, `http://speech:8880/v1`",
    )
    speech_key: SecretStr = Field(
        SecretStr(""), validation_alias="MOE_SPEECH_KEY", description="API key of the speech server"
    )
