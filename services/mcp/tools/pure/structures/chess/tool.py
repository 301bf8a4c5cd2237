"""`chess_legal_moves`: every legal move of a position, and whether it is check, mate or stalemate."""

from typing import Literal

from pydantic import Field

from services.mcp.contract import AnswerStyle, Bilingual, ErrorExample, Example, Limit, Tool, ToolModel
from services.mcp.tools.pure.structures.chess.board import Position, name_of
from services.mcp.tools.pure.structures.chess.fen import MAX_FEN_CHARS, read_fen
from services.mcp.tools.pure.structures.chess.moves import in_check, legal_moves
from services.mcp.tools.pure.structures.chess.notation import san

State = Literal["normal", "check", "checkmate", "stalemate"]
RULE = "FIDE Laws of Chess, article 3; draws by repetition, the 50-move rule and agreement are not looked at"


class ChessArguments(ToolModel):
    """A position in Forsyth-Edwards notation."""

    fen: str = Field(min_length=1, max_length=MAX_FEN_CHARS)


class LegalMove(ToolModel):
    """One move, as engines and as people write it."""

    uci: str
    san: str


class ChessResult(ToolModel):
    """The legal moves in the order of their UCI texts."""

    side_to_move: Literal["white", "black"]
    state: State
    count: int
    moves: tuple[LegalMove, ...]
    insufficient_material: bool = Field(description="Neither side can mate: K, KN or KB against K, or like bishops")
    castling: str = Field(description="Rights that are left, a part of KQkq, or -")
    en_passant: str | None
    rule: str = RULE


def chess_legal_moves(arguments: ChessArguments) -> ChessResult:
    """Raises ToolError for an impossible position."""
    position = read_fen(arguments.fen).position
    legal = legal_moves(position)
    return ChessResult(
        side_to_move="white" if position.side == "w" else "black",
        state=state_of(position, has_moves=bool(legal)),
        count=len(legal),
        moves=tuple(LegalMove(uci=move.uci(), san=san(position, move, legal)) for move in legal),
        insufficient_material=insufficient_material(position.board),
        castling=position.castling or "-",
        en_passant=None if position.passant is None else name_of(position.passant),
    )


def state_of(position: Position, *, has_moves: bool) -> State:
    """Whether the side to move is in check, mated or stalemated."""
    if in_check(position):
        return "check" if has_moves else "checkmate"
    return "normal" if has_moves else "stalemate"


def insufficient_material(board: str) -> bool:
    """Whether no sequence of moves can mate: one minor piece at most, or bishops of one colour only."""
    minors = [(square, piece.lower()) for square, piece in enumerate(board) if piece not in ".Kk"]
    if any(piece not in "nb" for _, piece in minors):
        return False
    colours = {(square % 8 + square // 8) % 2 for square, piece in minors if piece == "b"}
    return len(minors) <= 1 or (all(piece == "b" for _, piece in minors) and len(colours) == 1)


_STATES = {
    "normal": Bilingual(en="", de=""),
    "check": Bilingual(en=", in check", de=", im Schach"),
    "checkmate": Bilingual(en=": checkmate", de=": schachmatt"),
    "stalemate": Bilingual(en=": stalemate", de=": patt"),
}


def phrase(result: ChessResult, style: AnswerStyle) -> str:
    """Side to move, state, and moves."""
    german, state = style.language == "de", _STATES[result.state].text(style.language)
    side = {"white": "Weiß", "black": "Schwarz"}[result.side_to_move] if german else result.side_to_move.title()
    moves = ", ".join(move.san for move in result.moves)
    turn = f"{side} am Zug{state}" if german else f"{side} to move{state}"
    noun = "legale Züge" if german else "legal moves"
    return f"{turn}; {result.count} {noun}: {moves}." if moves else f"{turn}."


CHESS_LEGAL_MOVES = Tool(
    name="chess_legal_moves",
    description=Bilingual(
        en="All legal chess moves of a FEN position, with check, checkmate and stalemate",
        de="Alle legalen Schachzüge einer FEN-Stellung, mit Schach, Matt und Patt",
    ),
    keywords=Bilingual(
        en="chess fen legal moves position checkmate stalemate check board",
        de="schach fen legale züge stellung matt schachmatt patt brett",
    ),
    arguments=ChessArguments,
    result=ChessResult,
    run=chess_legal_moves,
    answer=phrase,
    limits=(Limit(name="fen_chars", value=MAX_FEN_CHARS, unit="characters"),),
    example=Example(
        args={"fen": "4k3/8/8/8/8/8/4P3/4K3 w - - 0 1"},
        result={
            "side_to_move": "white",
            "state": "normal",
            "count": 6,
            "moves": [
                {"uci": "e1d1", "san": "Kd1"},
                {"uci": "e1d2", "san": "Kd2"},
                {"uci": "e1f1", "san": "Kf1"},
                {"uci": "e1f2", "san": "Kf2"},
                {"uci": "e2e3", "san": "e3"},
                {"uci": "e2e4", "san": "e4"},
            ],
            "insufficient_material": False,
            "castling": "-",
            "en_passant": None,
            "rule": RULE,
        },
        answer="White to move; 6 legal moves: Kd1, Kd2, Kf1, Kf2, e3, e4.",
    ),
    error_example=ErrorExample(args={"fen": "8/8/8/8/8/8/8/4K3 w - - 0 1"}, code="invalid_argument"),
)
