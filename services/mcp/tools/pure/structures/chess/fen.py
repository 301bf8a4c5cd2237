"""Parser of Forsyth-Edwards notation (PGN standard, 16.1); rejects impossible positions."""

import re
from collections import Counter
from dataclasses import dataclass

from services.mcp.contract import ToolError
from services.mcp.tools.pure.structures.chess.board import EMPTY, FORWARD, Position, Side, other, square_of
from services.mcp.tools.pure.structures.chess.moves import CASTLINGS, is_attacked

MAX_FEN_CHARS = 100
START = "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1"
_CASTLING = re.compile(r"-|K?Q?k?q?", re.ASCII)
_PASSANT = re.compile(r"-|[a-h][36]", re.ASCII)
_NUMBER = re.compile(r"0|[1-9][0-9]{0,3}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Fen:
    """A position, half moves since a pawn moved or a piece was taken, and the number of the move."""

    position: Position
    halfmoves: int
    fullmoves: int


def read_fen(text: str) -> Fen:
    """The move counters are optional. Raises ToolError for an impossible position."""
    fields = text.split()
    if len(fields) not in (4, 6):
        raise _refused("four or six fields: pieces, side, castling, en passant, half moves, move number")
    board, side = _board(fields[0]), _side(fields[1])
    castling, passant = _castling(fields[2], board), _passant(fields[3], board, side)
    position = Position(board, side, castling, passant)
    if is_attacked(board, position.king(other(side)), side):
        raise _refused("the side that is not to move is in check")
    counters = fields[4:] or ["0", "1"]
    if not all(_NUMBER.fullmatch(counter) for counter in counters) or counters[1] == "0":
        raise _refused("the half moves are 0 or more and the move number is 1 or more")
    return Fen(position, int(counters[0]), int(counters[1]))


def _refused(reason: str) -> ToolError:
    return ToolError("invalid_argument", f"fen: {reason}")


def _board(text: str) -> str:
    ranks = [re.sub("[1-8]", lambda digit: EMPTY * int(digit.group()), rank) for rank in text.split("/")]
    if len(ranks) != 8 or any(len(rank) != 8 for rank in ranks) or set(text) - set("/12345678pnbrqkPNBRQK"):
        raise _refused("eight ranks of eight squares each, from rank 8 down, with the letters pnbrqk and PNBRQK")
    if re.search("[1-8]{2}", text):
        raise _refused("empty squares in a row are written as one number")
    board = "".join(reversed(ranks))
    for side in ("white", "black"):
        _check_pieces(board, side)
    if set("pP") & set(board[:8] + board[56:]):
        raise _refused("a pawn is never on the first or the last rank")
    return board


def _check_pieces(board: str, side: str) -> None:
    counts = Counter(piece.lower() for piece in board if (piece.isupper() if side == "white" else piece.islower()))
    if counts["k"] != 1:
        raise _refused(f"{side} has one king")
    beyond = sum(max(0, counts[piece] - first) for piece, first in (("q", 1), ("r", 2), ("b", 2), ("n", 2)))
    if counts["p"] + beyond > 8:
        raise _refused(f"{side} has more pieces than eight pawns can become")


def _side(text: str) -> Side:
    if text == "w":
        return "w"
    if text == "b":
        return "b"
    raise _refused("the side to move is w or b")


def _castling(text: str, board: str) -> str:
    if not _CASTLING.fullmatch(text):
        raise _refused("castling is - or a part of KQkq in this order")
    for kind in CASTLINGS:
        king, rook = ("K", "R") if kind.right.isupper() else ("k", "r")
        if kind.right in text and (board[kind.king[0]], board[kind.rook[0]]) != (king, rook):
            raise _refused(f"castling {kind.right} needs king and rook on their first squares")
    return text.replace("-", "")


def _passant(text: str, board: str, side: Side) -> int | None:
    if not _PASSANT.fullmatch(text):
        raise _refused("en passant is - or a square on rank 3 or 6")
    if text == "-":
        return None
    square, back = square_of(text), FORWARD[side]
    pawn = "p" if side == "w" else "P"
    is_possible = text[1] == ("6" if side == "w" else "3")
    if not is_possible or (board[square + back], board[square], board[square - back]) != (EMPTY, EMPTY, pawn):
        raise _refused("en passant names the square behind a pawn that has just gone two squares")
    return square
