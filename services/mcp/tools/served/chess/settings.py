"""The settings of the chess engine."""

from pydantic import Field

from libs.runtime.settings import Settings


class ChessSettings(Settings):
    """Which program analyses positions."""

    chess_engine: str = Field(
        "",
        validation_alias="MOE_CHESS_ENGINE",
        description="UCI chess engine, path or program name; empty: no analysis of positions",
    )
