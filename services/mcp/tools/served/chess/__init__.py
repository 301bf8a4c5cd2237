"""Chess positions, analysed by an engine of the operator's."""

from shutil import which

from services.mcp.contract import AnyServedTool
from services.mcp.tools.served.chess.analysis import analysis_tool
from services.mcp.tools.served.chess.settings import ChessSettings


def build(settings: ChessSettings) -> tuple[AnyServedTool, ...]:
    """Without an engine the tools are unavailable and state the reason."""
    program = which(settings.chess_engine) if settings.chess_engine else None
    return (analysis_tool(program or "", _missing(settings.chess_engine, program)),)


def _missing(wanted: str, program: str | None) -> str | None:
    if not wanted:
        return "MOE_CHESS_ENGINE is not set: it names the program of a chess engine that speaks UCI"
    return None if program else "MOE_CHESS_ENGINE names no program that can be run"
