"""The settings of asking the fleet about itself."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from services.mcp.served.web.settings import ServiceUrl


class InfraSettings(Settings):
    """Where the gateway is, for the tools that tell how the fleet does."""

    infra_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_INFRA_URL",
        description="The gateway, for tools about the fleet, `http://gateway:8002`",
    )
    infra_metrics_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_INFRA_METRICS_URL",
        description="The metrics port of that gateway, `http://gateway:9470`; empty: /metrics is at MOE_INFRA_URL",
    )
    infra_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_INFRA_KEY",
        description="API key for that; with an admin's key the tools show all model servers to whoever may use them",
    )
