"""Files: written, stored for a while, shared by signed links, and read."""

from dataclasses import dataclass

from libs.ports.fetching import Fetcher
from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.files.file_links import FileLinks
from services.mcp.tools.served.files.generate import generate_file
from services.mcp.tools.served.files.keeping import file_download_url, file_upload
from services.mcp.tools.served.files.reading import fetch_pdf_text, parse_attachment
from services.mcp.tools.served.files.settings import NOT_SET
from services.mcp.tools.served.files.sources import Sources


@dataclass(frozen=True)
class FileParts:
    """Parts of the tools.

    `file_links` None: no key signs links; `web` None: `no_web` is the reason why nothing is fetched.
    """

    workshop: Workshop
    file_links: FileLinks | None
    web: Fetcher | None
    no_web: str | None


def build(parts: FileParts) -> tuple[AnyServedTool, ...]:
    no_links = None if parts.file_links is not None else NOT_SET
    sources = Sources(parts.web, parts.file_links, parts.no_web, no_links)
    return (
        generate_file(parts.file_links, parts.workshop, no_links),
        file_upload(parts.file_links, no_links),
        file_download_url(parts.file_links, no_links),
        parse_attachment(sources, parts.workshop, parts.no_web if no_links and parts.no_web else None),
        fetch_pdf_text(sources, parts.workshop),
    )
