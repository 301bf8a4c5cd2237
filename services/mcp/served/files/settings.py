"""The settings of kept files and their links."""

from pydantic import Field, SecretStr

from libs.runtime.settings import HttpSettings, InstanceSettings, LogSettings
from libs.runtime.settings.keys import RootKey
from libs.runtime.signing import MIN_KEY_BYTES
from services.mcp.served.files.links import DownloadLinks, key_from

NOT_SET = "MOE_SIGNING_KEY is not set: links to files cannot be signed (MOE_DOWNLOADS_KEY does as well)"


class FilesSettings(LogSettings, HttpSettings, InstanceSettings):
    """Where files are kept, and what links to them are signed with."""

    downloads_key: RootKey = Field(
        SecretStr(""),
        validation_alias="MOE_DOWNLOADS_KEY",
        description="Signs links to files that tools made; the same everywhere; empty: derived from MOE_SIGNING_KEY",
    )
    unsandboxed_parsers: bool = Field(
        False,
        validation_alias="MOE_TOOLS_UNSANDBOXED_PARSERS",
        description="Parse documents also where the kernel grants no mount and network namespace: a document that "
        "takes over a parser then sees what its user may read",
    )
    downloads_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        validation_alias="MOE_DOWNLOADS_URL",
        description="Where clients reach the tool server, `https://tools.example.org`; empty: MOE_HOST and its port",
    )


def links_of(settings: FilesSettings, port: int) -> DownloadLinks | None:
    """Return the links of a service on a port, None when there is nothing to sign them with."""
    own, shared = settings.downloads_key.get_secret_value(), settings.signing_key.get_secret_value()
    if len((own or shared).encode()) < MIN_KEY_BYTES:
        return None
    base = settings.downloads_url.rstrip("/") or f"http://{settings.host}:{port}"
    return DownloadLinks(key_from(own or shared), base)
