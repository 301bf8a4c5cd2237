"""Settings of the served tools. They import no adapter: a declaration reads them."""

from services.mcp.tools.served.chess.settings import ChessSettings
from services.mcp.tools.served.code.settings import CodeSettings
from services.mcp.tools.served.files.settings import FilesSettings
from services.mcp.tools.served.infra.settings import InfraSettings
from services.mcp.tools.served.legal.settings import LawsSettings
from services.mcp.tools.served.media.settings import MediaSettings
from services.mcp.tools.served.research.settings import ResearchSettings
from services.mcp.tools.served.tasks.settings import TaskSettings
from services.mcp.tools.served.web.settings import WebSettings


class LocalSettings(FilesSettings, CodeSettings, LawsSettings, WebSettings):
    """Settings of the tools that need this machine only."""


class ServedSettings(LocalSettings, ChessSettings, ResearchSettings, TaskSettings, InfraSettings, MediaSettings):
    """What the served tools need; nothing of it has to be set."""
