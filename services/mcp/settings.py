"""Settings of mcp."""

from typing import ClassVar

from pydantic import Field

from libs.core.database_roles import AUTHENTICATOR_ROLE, TOOL_ADMIN_ROLE
from libs.runtime.settings import HttpSettings, InstanceSettings
from libs.runtime.settings.identity import IdentitySettings
from services.mcp.api.hosts import KnownHosts
from services.mcp.tools.served.settings import ServedSettings


class Settings(IdentitySettings, ServedSettings, HttpSettings, InstanceSettings):
    """Read once, at the start."""

    database_roles: ClassVar[tuple[str, ...]] = (AUTHENTICATOR_ROLE, TOOL_ADMIN_ROLE)

    port: int = Field(8003, ge=0, le=65535, validation_alias="MOE_MCP_PORT", description="Port of the tool server")
    redis_url: str = Field(
        "",
        pattern=r"^((rediss?|unix)://.*)?$",
        validation_alias="REDIS_URL",
        description="Valkey, `redis://host:6379`",
    )
    workers: int = Field(
        2, ge=1, le=64, validation_alias="MOE_TOOL_WORKERS", description="Warm worker processes for tools"
    )
    mcp_hosts: str = Field(
        "",
        pattern=r"^([^\s,/:]+(\s*,\s*[^\s,/:]+)*)?$",
        validation_alias="MOE_MCP_HOSTS",
        description="Accepted `Host` names of the tool server, `tools.example.org,…`; empty: this machine's if "
        "MOE_HOST is local, else any",
    )
    mcp_origins: str = Field(
        "",
        pattern=r"^(https?://[^\s,/]+(\s*,\s*https?://[^\s,/]+)*)?$",
        validation_alias="MOE_MCP_ORIGINS",
        description="Origins that may call the tool server, `https://chat.example.org,…`, in addition to this "
        "machine's",
    )
    mcp_sessions: int = Field(
        1000,
        ge=0,
        le=100_000,
        validation_alias="MOE_MCP_SESSIONS",
        description="Maximum open MCP sessions, and streams; a quarter per key. 0: no sessions for clients of the "
        "2025 revisions, for replicas behind a load balancer without sticky sessions",
    )

    @property
    def known_hosts(self) -> KnownHosts:
        return KnownHosts.of(self.host, _listed(self.mcp_hosts), _listed(self.mcp_origins))


def _listed(value: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in value.split(","))))
