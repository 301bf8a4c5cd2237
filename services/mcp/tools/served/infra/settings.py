"""The settings of asking the fleet about itself."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from services.mcp.tools.served.web.settings import ServiceUrl


class InfraSettings(Settings):
    """Address of the gateway, for the tools that report the state of the fleet."""

    infra_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_INFRA_URL",
        description="Gateway for tools about the fleet, `http://gateway:8002`",
    )
    infra_metrics_url: ServiceUrl = Field(
        "",
        validation_alias="MOE_INFRA_METRICS_URL",
        description="Metrics address of that gateway, `http://gateway:9470`; empty: /metrics at MOE_INFRA_URL",
    )
    infra_key: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_INFRA_KEY",
        description="API key for MOE_INFRA_URL; with an admin's key, all users of the tools see all model servers",
    )
