"""The settings of mcp."""

from pydantic import Field, SecretStr

from libs.runtime.settings import Settings as BaseSettings


class Settings(BaseSettings):
    """Read once, in `build`."""

    host: str = Field("127.0.0.1", validation_alias="MOE_HOST", description="Address that HTTP listens on")
    port: int = Field(8003, ge=0, le=65535, validation_alias="MOE_MCP_PORT", description="Port of the tool server")
    workers: int = Field(
        2, ge=1, le=64, validation_alias="MOE_TOOL_WORKERS", description="Worker processes that run tools, kept warm"
    )
    bootstrap_api_key: SecretStr = Field(
        min_length=8,
        validation_alias="MOE_BOOTSTRAP_API_KEY",
        description="The first API key; empty: made and kept in the data dir",
    )
