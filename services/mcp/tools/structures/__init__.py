"""Graphs, grids and chess positions."""

from services.mcp.tools.contract import AnyTool
from services.mcp.tools.structures.chess.tool import CHESS_LEGAL_MOVES
from services.mcp.tools.structures.graph_analyze.tool import GRAPH_ANALYZE
from services.mcp.tools.structures.grid_repr import GRID_REPR

TOOLS: tuple[AnyTool, ...] = (GRAPH_ANALYZE, GRID_REPR, CHESS_LEGAL_MOVES)
