"""A chess position and its pieces.

Squares count from 0 (a1) to 63 (h8), a1 b1 … h8. Pieces are letters as in FEN, upper case for White, "." for none.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["w", "b"]
EMPTY = "."
FILES = "abcdefgh"


@dataclass(frozen=True, slots=True)
class Position:
    """All that decides which moves are legal. `castling` is a part of KQkq; `passant` the square behind a pawn."""

    board: str
    side: Side
    castling: str
    passant: int | None

    def is_own(self, square: int) -> bool:
        return belongs(self.board[square], self.side)

    def is_foe(self, square: int) -> bool:
        return belongs(self.board[square], other(self.side))

    def king(self, side: Side) -> int:
        return self.board.index("K" if side == "w" else "k")


@dataclass(frozen=True, slots=True)
class Move:
    """A move in the coordinates of UCI; a castling move is that of the king."""

    start: int
    end: int
    promotion: str | None = None

    def uci(self) -> str:
        return f"{name_of(self.start)}{name_of(self.end)}{self.promotion or ''}"


def other(side: Side) -> Side:
    return "b" if side == "w" else "w"


def belongs(piece: str, side: Side) -> bool:
    return piece.isupper() if side == "w" else piece.islower()


def name_of(square: int) -> str:
    return f"{FILES[square % 8]}{square // 8 + 1}"


def square_of(name: str) -> int:
    return FILES.index(name[0]) + 8 * (int(name[1]) - 1)


def _steps(*directions: tuple[int, int], far: bool) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return, for each square, the squares of each direction in order, one or all up to the edge."""
    return tuple(
        tuple(ray for direction in directions if (ray := _ray(square, direction, far=far))) for square in range(64)
    )


def _ray(square: int, direction: tuple[int, int], *, far: bool) -> tuple[int, ...]:
    file, rank = square % 8 + direction[0], square // 8 + direction[1]
    found = []
    while 0 <= file < 8 and 0 <= rank < 8:
        found.append(8 * rank + file)
        if not far:
            break
        file, rank = file + direction[0], rank + direction[1]
    return tuple(found)


_STRAIGHT = ((0, 1), (1, 0), (0, -1), (-1, 0))
_DIAGONAL = ((1, 1), (1, -1), (-1, -1), (-1, 1))
_JUMPS = ((1, 2), (2, 1), (2, -1), (1, -2), (-1, -2), (-2, -1), (-2, 1), (-1, 2))

ROOK_RAYS = _steps(*_STRAIGHT, far=True)
BISHOP_RAYS = _steps(*_DIAGONAL, far=True)
KING_STEPS = _steps(*_STRAIGHT, *_DIAGONAL, far=False)
KNIGHT_STEPS = _steps(*_JUMPS, far=False)
RAYS = {
    "r": ROOK_RAYS,
    "b": BISHOP_RAYS,
    "q": _steps(*_STRAIGHT, *_DIAGONAL, far=True),
    "k": KING_STEPS,
    "n": KNIGHT_STEPS,
}
FORWARD = {"w": 8, "b": -8}
PAWN_TAKES = {
    "w": _steps((1, 1), (-1, 1), far=False),
    "b": _steps((1, -1), (-1, -1), far=False),
}
