"""Graphs, grids and chess positions."""

from services.mcp.contract import AnyTool
from services.mcp.tools.pure.structures.chess.tool import CHESS_LEGAL_MOVES
from services.mcp.tools.pure.structures.graph_analyze.tool import GRAPH_ANALYZE
from services.mcp.tools.pure.structures.grid_repr import GRID_REPR

TOOLS: tuple[AnyTool, ...] = (GRAPH_ANALYZE, GRID_REPR, CHESS_LEGAL_MOVES)
