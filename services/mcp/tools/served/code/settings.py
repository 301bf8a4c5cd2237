"""The settings of the workspace."""

from pydantic import Field

from libs.runtime.settings import Settings
from libs.runtime.settings.identity import BOOTSTRAP_TENANT
from services.mcp.tools.served.sharing import TenantNames

NOT_SET = "MOE_WORKSPACE_DIR is not set: there is no folder of code to look at"


class CodeSettings(Settings):
    """The folder of code, and the tenants that may read it."""

    workspace_dir: str = Field(
        "",
        validation_alias="MOE_WORKSPACE_DIR",
        description="Code folder, readable by all users of the code tools; never written",
    )
    workspace_tenants: TenantNames = Field(
        BOOTSTRAP_TENANT,
        validation_alias="MOE_WORKSPACE_TENANTS",
        description="Tenants that may use the code folder, `acme,works`; `*`: all. Their users also need grants",
    )
