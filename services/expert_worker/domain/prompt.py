"""What an expert is told: role and output contract as the system message, all that others wrote as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.expert import AskExpert
from libs.contracts.finding import Category
from libs.contracts.question import Question
from libs.core.prompt_blocks import data_blocks
from libs.ports.llm import ChatMessage

_LANGUAGES = {"en": "English", "de": "German"}
_TEMPERATURES: dict[Category, float] = {"math": 0.05, "creative_writer": 0.7}
DEFAULT_TEMPERATURE = 0.2


@dataclass(frozen=True, slots=True)
class ExpertPrompt:
    """`texts` are the prompt files by name: a role for each category, the contract, and a line for each mode."""

    texts: Mapping[str, str]

    def render(self, ask: AskExpert, *, plain: bool) -> tuple[ChatMessage, ...]:
        """Return the messages of one call; `plain`: the bare task, for a model that cannot keep a contract."""
        return _plain(ask) if plain else self._full(ask)

    def _full(self, ask: AskExpert) -> tuple[ChatMessage, ...]:
        contract = self.texts["contract"].replace("{language}", _LANGUAGES[ask.question.language])
        pieces = (self.texts[ask.category], contract, self.texts.get(f"mode_{ask.question.mode}", ""))
        system = "\n\n".join(piece for piece in pieces if piece)
        return ChatMessage("system", system), ChatMessage("user", _material(ask))


def temperature_of(category: Category, question: Question) -> float:
    """Return the client's wish, else what suits the category."""
    return _TEMPERATURES.get(category, DEFAULT_TEMPERATURE) if question.temperature is None else question.temperature


def _material(ask: AskExpert) -> str:
    question = ask.question
    return data_blocks(
        ("instructions", question.instructions),
        ("history", "\n".join(f"{turn.speaker}: {turn.text}" for turn in question.history)),
        ("context", ask.context),
        ("question", question.text),
        ("task", ask.task if ask.task != question.text else ""),
    )


def _plain(ask: AskExpert) -> tuple[ChatMessage, ...]:
    history = tuple(ChatMessage(turn.speaker, turn.text) for turn in ask.question.history)
    pieces = (ask.question.instructions, ask.context, ask.task)
    return *history, ChatMessage("user", "\n\n".join(piece for piece in pieces if piece.strip()))
