"""`chess_analyze_position`: the best moves of a position, by a chess engine of the operator's."""

from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field

from libs.core.fair_semaphore import FairSemaphore, TooManyWaiters
from services.mcp.contract import (
    AnswerStyle,
    Bilingual,
    Caller,
    ErrorExample,
    Example,
    Limit,
    ServedTool,
    ToolError,
    ToolModel,
)
from services.mcp.tools.pure.structures.chess.board import Position
from services.mcp.tools.pure.structures.chess.fen import MAX_FEN_CHARS, read_fen
from services.mcp.tools.pure.structures.chess.moves import after, legal_moves
from services.mcp.tools.pure.structures.chess.notation import san
from services.mcp.tools.served.chess.uci import THINKING_MS, Line, analyse

MAX_MOVES = 10
MAX_WAITING = 8
MAX_LINE_MOVES = 12
SCORE_RULE = "for the side to move, in hundredths of a pawn; mate in moves, negative if the side to move is mated"


class AnalysisArguments(ToolModel):
    """A position in Forsyth-Edwards notation and how many moves are wanted."""

    fen: str = Field(min_length=1, max_length=MAX_FEN_CHARS)
    top_moves: int = Field(3, ge=1, le=MAX_MOVES)


class RankedMove(ToolModel):
    """A move, its score, and how play may go on, the move first."""

    uci: str
    san: str
    centipawns: int | None
    mate_in: int | None
    depth: int
    line: tuple[str, ...]


class AnalysisResult(ToolModel):
    """The best moves, the best first. An engine's opinion: another run may give another."""

    side_to_move: Literal["white", "black"]
    moves: tuple[RankedMove, ...]
    engine: str
    thinking_ms: int = THINKING_MS
    score_rule: str = SCORE_RULE


@dataclass(slots=True)
class Analyst:
    """Runs one engine at a time, for tenants by turns."""

    program: str
    _turns: FairSemaphore = field(default_factory=lambda: FairSemaphore(1, MAX_WAITING))

    async def run(self, arguments: AnalysisArguments, caller: Caller) -> AnalysisResult:
        """Raises ToolError for a finished position, and when too many calls wait."""
        fen = read_fen(arguments.fen)
        legal = legal_moves(fen.position)
        if not legal:
            raise ToolError("domain_error", "fen: the game is over, there is no legal move")
        try:
            async with self._turns.permit(caller.tenant):
                analysis = await analyse(self.program, _as_text(arguments.fen), min(arguments.top_moves, len(legal)))
        except TooManyWaiters as error:
            raise ToolError("busy", f"analyses that wait: the limit is {MAX_WAITING}") from error
        return AnalysisResult(
            side_to_move="white" if fen.position.side == "w" else "black",
            moves=tuple(_ranked(fen.position, line) for line in analysis.lines),
            engine=analysis.engine,
        )


def _as_text(fen: str) -> str:
    """The six checked fields on one line, so that no text becomes another command."""
    fields = fen.split()
    return " ".join(fields if len(fields) == 6 else [*fields, "0", "1"])


def _ranked(position: Position, line: Line) -> RankedMove:
    """Describe a line. Raises ToolError if the engine plays an illegal move."""
    written = []
    for uci in line.moves[:MAX_LINE_MOVES]:
        legal = legal_moves(position)
        move = next((move for move in legal if move.uci() == uci), None)
        if move is None:
            raise ToolError("outside_failed", "the chess engine named a move that is not legal")
        written.append(san(position, move, legal))
        position = after(position, move)
    return RankedMove(
        uci=line.moves[0],
        san=written[0],
        centipawns=line.centipawns,
        mate_in=line.mate_in,
        depth=line.depth,
        line=tuple(written),
    )


def phrase(result: AnalysisResult, style: AnswerStyle) -> str:
    german = style.language == "de"
    listed = ", ".join(f"{move.san} ({_score(move, german=german)})" for move in result.moves)
    side = {"white": "Weiß", "black": "Schwarz"}[result.side_to_move] if german else result.side_to_move.title()
    if german:
        return f"{side} am Zug; beste Züge nach {result.engine}: {listed}."
    return f"{side} to move; best moves by {result.engine}: {listed}."


def _score(move: RankedMove, *, german: bool) -> str:
    if move.mate_in is not None:
        return f"{'matt in' if german else 'mate in'} {move.mate_in}"
    pawns = f"{(move.centipawns or 0) / 100:+.2f}"
    return pawns.replace(".", ",") if german else pawns


def analysis_tool(program: str, unavailable: str | None) -> ServedTool[AnalysisArguments, AnalysisResult]:
    """Tool for an engine's program."""
    return ServedTool(
        name="chess_analyze_position",
        description=Bilingual(
            en="Best moves of a chess position (FEN) with scores, by an offline engine",
            de="Beste Züge einer Schachstellung (FEN) mit Bewertung, durch eine lokale Engine",
        ),
        keywords=Bilingual(
            en="chess best move analyse analysis engine stockfish evaluation fen position",
            de="schach bester zug analyse analysieren engine stockfish bewertung fen stellung",
        ),
        arguments=AnalysisArguments,
        result=AnalysisResult,
        run=Analyst(program).run,
        answer=phrase,
        limits=(
            Limit(name="fen_chars", value=MAX_FEN_CHARS, unit="characters"),
            Limit(name="top_moves", value=MAX_MOVES, unit="moves"),
            Limit(name="thinking", value=THINKING_MS, unit="milliseconds of the engine"),
            Limit(name="waiting", value=MAX_WAITING, unit="analyses that wait"),
        ),
        example=_EXAMPLE,
        error_example=ErrorExample(args={"fen": "7k/5Q2/6K1/8/8/8/8/8 b - - 0 1"}, code="domain_error"),
        unavailable=unavailable,
    )


_EXAMPLE = Example(
    args={"fen": "6k1/5ppp/8/8/8/8/8/K3R3 w - - 0 1", "top_moves": 1},
    result={
        "side_to_move": "white",
        "moves": [{"uci": "e1e8", "san": "Re8#", "centipawns": None, "mate_in": 1, "depth": 5, "line": ["Re8#"]}],
        "engine": "Scripted 1",
        "thinking_ms": THINKING_MS,
        "score_rule": SCORE_RULE,
    },
    answer="White to move; best moves by Scripted 1: Re8# (mate in 1).",
)
