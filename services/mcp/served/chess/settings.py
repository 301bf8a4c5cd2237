"""The settings of the chess engine."""

from pydantic import Field

from libs.runtime.settings import Settings


class ChessSettings(Settings):
    """Which program analyses positions."""

    chess_engine: str = Field(
        "",
        validation_alias="MOE_CHESS_ENGINE",
        description="Program of a chess engine that speaks UCI, a path or a name; empty: positions are not analysed",
    )
