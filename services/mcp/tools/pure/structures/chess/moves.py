"""Legal moves by the FIDE Laws of Chess, article 3."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.mcp.tools.pure.structures.chess.board import (
    BISHOP_RAYS,
    EMPTY,
    FORWARD,
    KING_STEPS,
    KNIGHT_STEPS,
    PAWN_TAKES,
    RAYS,
    ROOK_RAYS,
    Move,
    Position,
    Side,
    other,
)

_LAST_RANK = {"w": 7, "b": 0}
_FIRST_PAWN_RANK = {"w": 1, "b": 6}
_PROMOTIONS = "qrbn"


@dataclass(frozen=True, slots=True)
class Castling:
    """One kind of castling: squares of king and rook, squares that must be empty, squares that must not be attacked."""

    right: str
    king: tuple[int, int]
    rook: tuple[int, int]
    empty: tuple[int, ...]
    safe: tuple[int, ...]


CASTLINGS = (
    Castling("K", (4, 6), (7, 5), (5, 6), (4, 5, 6)),
    Castling("Q", (4, 2), (0, 3), (1, 2, 3), (4, 3, 2)),
    Castling("k", (60, 62), (63, 61), (61, 62), (60, 61, 62)),
    Castling("q", (60, 58), (56, 59), (57, 58, 59), (60, 59, 58)),
)


def legal_moves(position: Position) -> list[Move]:
    """Legal moves, in the order of their UCI texts."""
    found = [move for move in _candidates(position) if not _leaves_king(position, move)]
    return sorted(found, key=Move.uci)


def in_check(position: Position) -> bool:
    """Whether the king of the side to move is attacked."""
    return is_attacked(position.board, position.king(position.side), other(position.side))


def is_attacked(board: Sequence[str], square: int, by: Side) -> bool:
    pawn, knight, king, bishop, rook, queen = "PNKBRQ" if by == "w" else "pnkbrq"
    pawns = PAWN_TAKES[other(by)][square]  # from where such a pawn takes
    return (
        _stands(board, pawns, pawn)
        or _stands(board, KNIGHT_STEPS[square], knight)
        or _stands(board, KING_STEPS[square], king)
        or _looks(board, BISHOP_RAYS[square], (bishop, queen))
        or _looks(board, ROOK_RAYS[square], (rook, queen))
    )


def after(position: Position, move: Move) -> Position:
    """Position after a legal move."""
    castling = position.castling
    for kind in CASTLINGS:
        if kind.king[0] == move.start or {kind.rook[0]} & {move.start, move.end}:
            castling = castling.replace(kind.right, "")
    is_double = position.board[move.start] in "Pp" and abs(move.end - move.start) == 16
    passant = (move.start + move.end) // 2 if is_double else None
    return Position(_moved(position, move), other(position.side), castling, passant)


def _stands(board: Sequence[str], rays: Sequence[Sequence[int]], piece: str) -> bool:
    return any(board[ray[0]] == piece for ray in rays)


def _looks(board: Sequence[str], rays: Sequence[Sequence[int]], pieces: tuple[str, str]) -> bool:
    """Whether one of the pieces is the first on a ray."""
    for ray in rays:
        first = next((board[square] for square in ray if board[square] != EMPTY), EMPTY)
        if first in pieces:
            return True
    return False


def _leaves_king(position: Position, move: Move) -> bool:
    board = _moved(position, move)
    king = board.index("K" if position.side == "w" else "k")
    return is_attacked(board, king, other(position.side))


def _moved(position: Position, move: Move) -> str:
    board = list(position.board)
    piece, board[move.start] = board[move.start], EMPTY
    if piece in "Pp" and move.end == position.passant:
        board[move.end - FORWARD[position.side]] = EMPTY
    promoted = move.promotion if position.side == "b" else (move.promotion or "").upper()
    board[move.end] = promoted or piece
    if piece in "Kk" and abs(move.end - move.start) == 2:
        rook = next(kind.rook for kind in CASTLINGS if kind.king == (move.start, move.end))
        board[rook[1]], board[rook[0]] = board[rook[0]], EMPTY
    return "".join(board)


def _candidates(position: Position) -> Iterator[Move]:
    """Moves that may leave the king in check but are legal otherwise."""
    for square, piece in enumerate(position.board):
        if not position.is_own(square):
            continue
        kind = piece.lower()
        if kind == "p":
            yield from _pawn_moves(position, square)
        else:
            yield from _along(position, square, RAYS[kind][square])
    yield from _castlings(position)


def _along(position: Position, start: int, rays: Sequence[Sequence[int]]) -> Iterator[Move]:
    for ray in rays:
        for square in ray:
            if not position.is_own(square):
                yield Move(start, square)
            if position.board[square] != EMPTY:
                break


def _pawn_moves(position: Position, start: int) -> Iterator[Move]:
    forward = FORWARD[position.side]
    if position.board[start + forward] == EMPTY:
        yield from _arrived(position, start, start + forward)
        if start // 8 == _FIRST_PAWN_RANK[position.side] and position.board[start + 2 * forward] == EMPTY:
            yield Move(start, start + 2 * forward)
    for (end,) in PAWN_TAKES[position.side][start]:
        if position.is_foe(end) or end == position.passant:
            yield from _arrived(position, start, end)


def _arrived(position: Position, start: int, end: int) -> Iterator[Move]:
    if end // 8 == _LAST_RANK[position.side]:
        yield from (Move(start, end, promotion) for promotion in _PROMOTIONS)
    else:
        yield Move(start, end)


def _castlings(position: Position) -> Iterator[Move]:
    for kind in CASTLINGS:
        is_mine = kind.right in position.castling and kind.right.isupper() == (position.side == "w")
        if not is_mine or any(position.board[square] != EMPTY for square in kind.empty):
            continue
        if not any(is_attacked(position.board, square, other(position.side)) for square in kind.safe):
            yield Move(*kind.king)
