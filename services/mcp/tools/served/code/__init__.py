"""Code in a workspace: its files, some lines of one, and facts about names. Read only."""

from pathlib import Path

from services.mcp.contract import AnyServedTool
from services.mcp.sandbox.runner import SandboxRunner, refusal
from services.mcp.tools.served.code.chunks import read_file_chunked
from services.mcp.tools.served.code.queries import lsp_query
from services.mcp.tools.served.code.repo_map import repo_map
from services.mcp.tools.served.code.settings import NOT_SET, CodeSettings
from services.mcp.tools.served.code.workspace import Workspace
from services.mcp.tools.served.documents.workshop import Workshop
from services.mcp.tools.served.sharing import shared_by


def build(settings: CodeSettings, workshop: Workshop, cells: SandboxRunner) -> tuple[AnyServedTool, ...]:
    """Check once a process whether the kernel supports sandboxes."""
    unset = None if settings.workspace_dir else NOT_SET
    workspace = Workspace(Path(settings.workspace_dir)) if settings.workspace_dir else None
    refused = None if unset or (why := refusal()) is None else f"the kernel refuses isolation: {why}"
    return shared_by(
        settings.workspace_tenants,
        repo_map(workspace, workshop, unset),
        read_file_chunked(workspace, unset),
        lsp_query(workspace, cells, unset or refused),
    )
