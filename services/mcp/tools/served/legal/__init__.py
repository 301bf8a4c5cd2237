"""German federal law, from a mirror of the law portal on this machine. Its texts are free (§ 5 UrhG)."""

from pathlib import Path

from libs.core.clock import Clock
from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.legal.mirror import Mirror
from services.mcp.tools.served.legal.settings import NOT_SET, LawsSettings
from services.mcp.tools.served.legal.tools import fulltext_search, law_overview, paragraph, search_laws


def build(settings: LawsSettings, clock: Clock) -> tuple[AnyServedTool, ...]:
    mirror = Mirror(Path(settings.laws_dir), settings.laws_index, clock) if settings.laws_dir else None
    unset = None if settings.laws_dir else NOT_SET
    return (
        search_laws(mirror, unset),
        law_overview(mirror, unset),
        paragraph(mirror, unset),
        fulltext_search(mirror, unset),
    )
