"""`chess_legal_moves`: checked by the published perft counts, and by rules independent of the generator."""

import random
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import pytest

from services.mcp.contract import ToolError
from services.mcp.tools.pure.registry import invoke
from services.mcp.tools.pure.structures.chess.board import Position, name_of
from services.mcp.tools.pure.structures.chess.fen import START, read_fen
from services.mcp.tools.pure.structures.chess.moves import after, in_check, legal_moves
from services.mcp.tools.pure.structures.chess.notation import san
from services.mcp.tools.pure.structures.chess.tool import ChessArguments, ChessResult, chess_legal_moves
from tests.support.mcp.exactness import Exactness
from tests.support.mcp.perft import SUITE


def result(fen: str) -> ChessResult:
    return chess_legal_moves(ChessArguments(fen=fen))


def moves_of(fen: str) -> set[str]:
    return {move.uci for move in result(fen).moves}


def sans_of(fen: str) -> set[str]:
    return {move.san for move in result(fen).moves}


def one_move_on(positions: Iterable[Position]) -> list[Position]:
    return [after(position, move) for position in positions for move in legal_moves(position)]


def asked(exact: Exactness, positions: Sequence[Position]) -> int:
    exact.table("chess_legal_moves", len(positions))
    return sum(result(fen_of(position)).count for position in positions)


def test_the_number_of_move_sequences_is_the_published_one(exact: Exactness) -> None:
    """The tool plays the last move of each sequence, or the generator if there are many."""
    for turn in exact.cases("chess_legal_moves", len(SUITE)):
        fen, counts = SUITE[turn * 37 % len(SUITE)]
        first = read_fen(fen).position
        second = one_move_on([first])
        assert (result(fen).count, asked(exact, second)) == counts[:2], fen
        if exact.whole and counts[1] < 150:
            assert asked(exact, one_move_on(second)) == counts[2], fen
        elif exact.whole and counts[2] < 20_000:
            assert len(one_move_on(one_move_on(second))) == counts[2], fen


@lru_cache
def positions(games: int, seed: int) -> list[Position]:
    """The positions of random games from the start."""
    rng = random.Random(seed)
    found: list[Position] = []
    for _ in range(games):
        position = read_fen(START).position
        while (moves := legal_moves(position)) and len(found) % 120 != 119:
            found.append(position)
            position = after(position, rng.choice(moves))
        found.append(position)
    return found


def played(exact: Exactness) -> list[Position]:
    return positions(12 if exact.whole else 1, seed=6)


def fen_of(position: Position) -> str:
    ranks = [position.board[start : start + 8] for start in range(56, -1, -8)]
    board = re.sub(r"\.+", lambda empty: str(len(empty.group())), "/".join(ranks))
    passant = "-" if position.passant is None else name_of(position.passant)
    return f"{board} {position.side} {position.castling or '-'} {passant} 0 1"


def mirrored(position: Position) -> Position:
    """The same position with colours and ranks exchanged."""
    ranks = [position.board[start : start + 8].swapcase() for start in range(56, -1, -8)]
    passant = None if position.passant is None else position.passant ^ 56
    castling = "".join(sorted(position.castling.swapcase(), key="KQkq".index))
    return Position("".join(ranks), "b" if position.side == "w" else "w", castling, passant)


def test_every_position_that_is_played_can_be_read_again(exact: Exactness) -> None:
    for position in played(exact):
        assert read_fen(fen_of(position)).position == position


def test_black_moves_as_white_does_in_the_mirror(exact: Exactness) -> None:
    for position in played(exact):
        turned = {(move.start ^ 56, move.end ^ 56, move.promotion) for move in legal_moves(mirrored(position))}
        assert {(move.start, move.end, move.promotion) for move in legal_moves(position)} == turned


def test_no_move_leaves_the_own_king_in_check_and_none_is_given_twice(exact: Exactness) -> None:
    for position in played(exact):
        moves = legal_moves(position)
        assert len({move.uci() for move in moves}) == len(moves)
        for move in moves:
            following = after(position, move)
            assert not in_check(Position(following.board, position.side, "", None))


def test_algebraic_notation_names_each_move_of_a_position_alone(exact: Exactness) -> None:
    form = re.compile(r"(?:O-O(?:-O)?|[KQRBN][a-h]?[1-8]?x?[a-h][1-8]|(?:[a-h]x)?[a-h][1-8](?:=[QRBN])?)[+#]?")
    for position in played(exact):
        legal = legal_moves(position)
        written = [san(position, move, legal) for move in legal]
        assert len(set(written)) == len(legal)
        assert all(form.fullmatch(text) for text in written)


# Morphy against Brunswick and Isouard 1858, Anderssen against Kieseritzky 1851, D. Byrne against Fischer 1956
GAMES = (
    "e4 e5 Nf3 d6 d4 Bg4 dxe5 Bxf3 Qxf3 dxe5 Bc4 Nf6 Qb3 Qe7 Nc3 c6 Bg5 b5 Nxb5 cxb5 Bxb5+ Nbd7 O-O-O Rd8 Rxd7 Rxd7 "
    "Rd1 Qe6 Bxd7+ Nxd7 Qb8+ Nxb8 Rd8#",
    "e4 e5 f4 exf4 Bc4 Qh4+ Kf1 b5 Bxb5 Nf6 Nf3 Qh6 d3 Nh5 Nh4 Qg5 Nf5 c6 g4 Nf6 Rg1 cxb5 h4 Qg6 h5 Qg5 Qf3 Ng8 Bxf4 "
    "Qf6 Nc3 Bc5 Nd5 Qxb2 Bd6 Bxg1 e5 Qxa1+ Ke2 Na6 Nxg7+ Kd8 Qf6+ Nxf6 Be7#",
    "Nf3 Nf6 c4 g6 Nc3 Bg7 d4 O-O Bf4 d5 Qb3 dxc4 Qxc4 c6 e4 Nbd7 Rd1 Nb6 Qc5 Bg4 Bg5 Na4 Qa3 Nxc3 bxc3 Nxe4 Bxe7 Qb6 "
    "Bc4 Nxc3 Bc5 Rfe8+ Kf1 Be6 Bxb6 Bxc4+ Kg1 Ne2+ Kf1 Nxd4+ Kg1 Ne2+ Kf1 Nc3+ Kg1 axb6 Qb4 Ra4 Qxb6 Nxd1 h3 Rxa2 "
    "Kh2 Nxf2 Re1 Rxe1 Qd8+ Bf8 Nxe1 Bd5 Nf3 Ne4 Qb8 b5 h4 h5 Ne5 Kg7 Kg1 Bc5+ Kf1 Ng3+ Ke1 Bb4+ Kd1 Bb3+ Kc1 Ne2+ "
    "Kb1 Nc3+ Kc1 Rc2#",
)


@pytest.mark.parametrize("game", GAMES, ids=["opera", "immortal", "century"])
def test_published_games_are_written_as_they_were_published(exact: Exactness, game: str) -> None:
    position = read_fen(START).position
    exact.table("chess_legal_moves", len(game.split()))
    for text in game.split():
        (told,) = [move.uci for move in result(fen_of(position)).moves if move.san == text]
        position = after(position, next(move for move in legal_moves(position) if move.uci() == told))
    assert result(fen_of(position)).state == "checkmate"


def test_castling_needs_a_free_and_safe_way() -> None:
    assert {"e1g1", "e1c1"} <= moves_of("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1")
    assert not {"e1g1", "e1c1"} & moves_of("4k3/8/8/8/8/4r3/8/R3K2R w KQ - 0 1")  # in check
    assert {"e1g1", "e1c1"} & moves_of("4k3/8/8/8/8/5r2/8/R3K2R w KQ - 0 1") == {"e1c1"}  # f1 is attacked
    assert "e1c1" in moves_of("4k3/8/8/8/8/1r6/8/R3K3 w Q - 0 1")  # b1 may be attacked
    assert "e1c1" not in moves_of("4k3/8/8/8/8/8/8/RN2K3 w Q - 0 1")
    assert not {"e1g1", "e1c1"} & moves_of("r3k2r/8/8/8/8/8/8/R3K2R w kq - 0 1")


def test_a_rook_that_is_taken_takes_the_right_to_castle_along() -> None:
    position = read_fen("r3k2r/8/8/8/8/8/8/R3K2R w KQkq - 0 1").position
    taken = next(move for move in legal_moves(position) if move.uci() == "h1h8")
    assert after(position, taken).castling == "Qq"


def test_en_passant_is_a_move_once_and_not_into_check() -> None:
    assert "e5d6" in moves_of("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2")
    assert "e5d6" not in moves_of("4k3/8/8/3pP3/8/8/8/4K3 w - - 0 2")
    assert "e5d6" not in moves_of("8/8/8/K2pP2r/8/8/8/4k3 w - d6 0 2")  # both pawns leave the rank
    assert "exd6" in sans_of("4k3/8/8/3pP3/8/8/8/4K3 w - d6 0 2")


def test_a_pawn_becomes_any_of_four_pieces() -> None:
    assert {m for m in sans_of("3r3k/4P3/8/8/8/8/8/4K3 w - - 0 1") if "=" in m} == {
        "e8=Q+", "e8=R+", "e8=B", "e8=N", "exd8=Q+", "exd8=R+", "exd8=B", "exd8=N",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fen", "expected"),
    [
        ("6k1/8/8/8/8/8/8/R4R1K w - - 0 1", {"Rab1", "Rfb1"}),
        ("6k1/8/8/R7/8/8/8/R6K w - - 0 1", {"R1a3", "R5a3"}),
        ("6k1/8/8/8/Q6Q/8/8/K6Q w - - 0 1", {"Qh4e4", "Qae4", "Q1e4"}),
    ],
)
def test_origins_are_named_by_file_then_rank_then_both(fen: str, expected: set[str]) -> None:
    assert expected <= {text.rstrip("+#") for text in sans_of(fen)}


@pytest.mark.parametrize(
    ("fen", "state"),
    [
        (START, "normal"),
        ("rnb1kbnr/pppp1ppp/8/4p3/6Pq/5P2/PPPPP2P/RNBQKBNR w KQkq - 1 3", "checkmate"),
        ("7k/5Q2/6K1/8/8/8/8/8 b - - 0 1", "stalemate"),
        ("4k3/8/8/8/8/8/4r3/4K3 w - - 0 1", "check"),
    ],
)
def test_the_state_is_told(fen: str, state: str) -> None:
    assert result(fen).state == state


@pytest.mark.parametrize(
    ("board", "expected"),
    [
        ("4k3/8/8/8/8/8/8/4K3", True),
        ("4k3/8/8/8/8/8/8/3NK3", True),
        ("4kb2/8/8/8/8/8/8/2B1K3", True),
        ("4k1b1/8/8/8/8/8/8/2B1K3", False),
        ("4k3/8/8/8/8/8/8/2NNK3", False),
        ("4k3/8/8/8/8/8/4P3/4K3", False),
    ],
)
def test_material_that_can_never_mate_is_told(board: str, *, expected: bool) -> None:
    assert result(f"{board} w - - 0 1").insufficient_material is expected


@pytest.mark.parametrize(
    "fen",
    [
        "",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP w KQkq - 0 1",
        "rnbqkbnr/pppppppp/9/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        "rnbqkbnr/pppppppp/44/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        "rnbqkbnr/ppppxppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR x KQkq - 0 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w QK - 0 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBN1 w KQkq - 0 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq e3 0 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - -1 1",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 0",
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq -  0",
        "8/8/8/8/8/8/8/4K3 w - - 0 1",
        "4k3/8/8/8/8/8/8/KK6 w - - 0 1",
        "4k2P/8/8/8/8/8/8/4K3 w - - 0 1",
        "4k3/8/8/8/8/8/4R3/4K3 w - - 0 1",
        "4k3/8/8/8/8/PPPPPPPP/P7/4K3 w - - 0 1",
        "4k3/8/8/8/QQ6/8/PPPPPPPP/4K3 w - - 0 1",
        "٤k3/8/8/8/8/8/8/4K3 w - - 0 1",
    ],
)
def test_what_cannot_be_on_a_board_is_refused(fen: str) -> None:
    with pytest.raises(ToolError) as caught:
        invoke("chess_legal_moves", {"fen": fen})
    assert caught.value.code == "invalid_argument"
    assert str(caught.value).startswith("fen: ")
