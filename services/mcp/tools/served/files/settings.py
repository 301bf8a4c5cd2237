"""Settings of stored files and their links."""

from pydantic import Field

from libs.runtime.settings import HttpSettings, InstanceSettings
from libs.runtime.settings.keys import DownloadKeySettings
from services.mcp.tools.served.files.links import DownloadLinks, key_from

NOT_SET = "MOE_DOWNLOADS_KEY is not set: links to files cannot be signed"


class FilesSettings(DownloadKeySettings, HttpSettings, InstanceSettings):
    """Location of stored files, and the key that signs links to them."""

    unsandboxed_parsers: bool = Field(
        False,
        validation_alias="MOE_TOOLS_UNSANDBOXED_PARSERS",
        description="Parse documents even if the kernel grants no mount and network namespaces; a malicious document "
        "could then read the process user's files",
    )
    downloads_url: str = Field(
        "",
        pattern=r"^(https?://[^\s?#]+)?$",
        validation_alias="MOE_DOWNLOADS_URL",
        description="Public URL of the tool server, `https://tools.example.org`; empty: MOE_HOST and its port",
    )


def links_of(settings: FilesSettings, port: int) -> DownloadLinks | None:
    """Links of a service on a port; None without a signing key."""
    keys = settings.download_keys
    if not keys.current:
        return None
    base = settings.downloads_url.rstrip("/") or f"http://{settings.host}:{port}"
    return DownloadLinks(key_from(keys.current), base, tuple(map(key_from, keys.others)))
