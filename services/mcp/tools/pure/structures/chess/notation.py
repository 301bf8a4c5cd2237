"""Moves in standard algebraic notation (FIDE Laws of Chess, appendix C; PGN standard, 8.2.3)."""

from collections.abc import Sequence

from services.mcp.tools.pure.structures.chess.board import EMPTY, FILES, Move, Position, name_of
from services.mcp.tools.pure.structures.chess.moves import after, in_check, legal_moves


def san(position: Position, move: Move, legal: Sequence[Move]) -> str:
    """Legal move in algebraic notation, with + for check and # for mate."""
    following = after(position, move)
    mark = ""
    if in_check(following):
        mark = "+" if legal_moves(following) else "#"
    return f"{_without_mark(position, move, legal)}{mark}"


def _without_mark(position: Position, move: Move, legal: Sequence[Move]) -> str:
    piece = position.board[move.start].upper()
    if piece == "K" and abs(move.end - move.start) == 2:
        return "O-O" if move.end > move.start else "O-O-O"
    takes = position.board[move.end] != EMPTY or (piece == "P" and move.end == position.passant)
    target = f"{'x' if takes else ''}{name_of(move.end)}"
    if piece != "P":
        return f"{piece}{_origin(position, move, legal)}{target}"
    promotion = f"={move.promotion.upper()}" if move.promotion else ""
    return f"{FILES[move.start % 8] if takes else ''}{target}{promotion}"


def _origin(position: Position, move: Move, legal: Sequence[Move]) -> str:
    """File, rank or both, as far as another piece of the kind can reach the same square."""
    piece = position.board[move.start]
    rivals = [
        rival.start
        for rival in legal
        if rival.end == move.end and rival.start != move.start and position.board[rival.start] == piece
    ]
    if not rivals:
        return ""
    if all(rival % 8 != move.start % 8 for rival in rivals):
        return FILES[move.start % 8]
    if all(rival // 8 != move.start // 8 for rival in rivals):
        return str(move.start // 8 + 1)
    return name_of(move.start)
