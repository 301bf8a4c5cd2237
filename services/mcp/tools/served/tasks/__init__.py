"""Project management: the tasks on one board of the operator's, in Linear, on GitHub or behind a webhook."""

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.sharing import shared_by
from services.mcp.tools.served.tasks.board import Board
from services.mcp.tools.served.tasks.github import GitHubBoard
from services.mcp.tools.served.tasks.linear import LinearBoard, linear_site
from services.mcp.tools.served.tasks.settings import TaskSettings
from services.mcp.tools.served.tasks.tools import create_task, list_tasks, search_tasks, update_task
from services.mcp.tools.served.tasks.webhook import WebhookBoard
from services.mcp.tools.served.web.github import github_site
from services.mcp.tools.served.web.outside import Outside
from services.mcp.tools.served.web.site import Site

_TOTAL_S = 20.0


def build(settings: TaskSettings, outside: Outside) -> tuple[AnyServedTool, ...]:
    """Contacts no server."""
    board, why_not = _board(settings, outside), settings.missing()
    return shared_by(
        settings.pm_tenants,
        create_task(board, why_not),
        list_tasks(board, why_not),
        update_task(board, why_not),
        search_tasks(board, why_not),
    )


def _board(settings: TaskSettings, outside: Outside) -> Board:
    """Tools that lack a setting never use the board."""
    token = settings.pm_token.get_secret_value()
    if settings.pm_provider == "linear":
        return LinearBoard(linear_site(outside.web, token), settings.pm_team)
    url = settings.pm_webhook_url.get_secret_value()
    if settings.pm_provider == "webhook" and url:
        secrets = (("authorization", f"Bearer {token}"),) if token else ()
        return WebhookBoard(Site("the task webhook", url, outside.service(url, _TOTAL_S), secrets=secrets))
    return GitHubBoard(github_site(outside.web, token), settings.pm_repository)
