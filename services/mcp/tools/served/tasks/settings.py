"""The settings of project management: one board, for those tenants that the operator names."""

from typing import Literal

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings
from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from services.mcp.tools.served.sharing import TenantNames
from services.mcp.tools.served.web.settings import SecretUrl

_NEEDED = {
    "linear": ("MOE_PM_TOKEN", "MOE_PM_TEAM"),
    "github": ("MOE_PM_TOKEN", "MOE_PM_REPOSITORY"),
    "webhook": ("MOE_PM_WEBHOOK_URL",),
}


class TaskSettings(Settings):
    """Settings of the task store."""

    pm_provider: Literal["", "linear", "github", "webhook"] = Field(
        "", validation_alias="MOE_PM_PROVIDER", description="Task board: linear, github or webhook; empty: none"
    )
    pm_token: SecretStr = Field(
        SecretStr(""),
        validation_alias="MOE_PM_TOKEN",
        description="Linear key, GitHub token or bearer token of the webhook",
    )
    pm_team: str = Field(
        "", pattern=r"^[0-9a-f-]{0,36}$", validation_alias="MOE_PM_TEAM", description="UUID of the Linear team"
    )
    pm_repository: str = Field(
        "",
        pattern=r"^([A-Za-z0-9-]{1,39}/[A-Za-z0-9._-]{1,100})?$",
        validation_alias="MOE_PM_REPOSITORY",
        description="GitHub repository, owner/name",
    )
    pm_webhook_url: SecretUrl = Field(
        SecretStr(""),
        validation_alias="MOE_PM_WEBHOOK_URL",
        description="Webhook URL that receives tasks as JSON; treated as a secret, because such URLs often contain one",
    )

    pm_tenants: TenantNames = Field(
        BOOTSTRAP_TENANT,
        validation_alias="MOE_PM_TENANTS",
        description="Tenants that may use the task board, `acme,works`; `*`: all. Their users also need grants",
    )

    def missing(self) -> str | None:
        """Missing setting; None if tasks can be stored."""
        if not self.pm_provider:
            return "MOE_PM_PROVIDER is not set: no tracker stores tasks"
        values = {
            "MOE_PM_TOKEN": self.pm_token.get_secret_value(),
            "MOE_PM_TEAM": self.pm_team,
            "MOE_PM_REPOSITORY": self.pm_repository,
            "MOE_PM_WEBHOOK_URL": self.pm_webhook_url.get_secret_value(),
        }
        unset = [name for name in _NEEDED[self.pm_provider] if not values[name]]
        return f"{unset[0]} is not set: {self.pm_provider} needs it" if unset else None
