"""The expert's prompt: role and output contract as the system message, all untrusted text as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.expert import AskExpert
from libs.contracts.finding import Category
from libs.contracts.question import Question
from libs.core.prompt_blocks import data_blocks
from libs.ports.llm import ChatMessage
from services.expert_worker.domain.window import fitting

_LANGUAGES = {"en": "English", "de": "German"}
_TEMPERATURES: dict[Category, float] = {"math": 0.05, "creative_writer": 0.7}
DEFAULT_TEMPERATURE = 0.2


@dataclass(frozen=True, slots=True)
class ExpertPrompt:
    """`texts` are the prompt files by name: a role for each category, the contract, and a line for each mode."""

    texts: Mapping[str, str]

    def render(self, command: AskExpert, *, plain: bool) -> tuple[ChatMessage, ...]:
        """Messages of one call; `plain`: the bare task, for a model that cannot follow a contract."""
        role = self._role(command)
        question = fitting(command, role_chars=len(role))
        return _plain(command, question) if plain else self._full(command, role, question)

    def _role(self, command: AskExpert) -> str:
        """The first line names the expert; a template's prompt replaces the other lines."""
        role = self.texts[command.category]
        if command.role is None or not command.role.prompt:
            return role
        return f"{role.splitlines()[0]}\n\n{command.role.prompt}"

    def _full(self, command: AskExpert, role: str, question: Question) -> tuple[ChatMessage, ...]:
        contract = self.texts["contract"].replace("{language}", _LANGUAGES[command.question.language])
        pieces = (role, contract, self.texts.get(f"mode_{command.question.mode}", ""))
        system = "\n\n".join(piece for piece in pieces if piece)
        return ChatMessage("system", system), ChatMessage("user", _material(command, question))


def temperature_of(category: Category, question: Question) -> float:
    """The client's value, else the default of the category."""
    return _TEMPERATURES.get(category, DEFAULT_TEMPERATURE) if question.temperature is None else question.temperature


def max_tokens_of(command: AskExpert) -> int | None:
    """The smaller limit of client and template, None for no limit."""
    bounds = [bound for bound in (command.question.max_tokens, command.role.max_tokens if command.role else 0) if bound]
    return min(bounds, default=None)


def _material(command: AskExpert, question: Question) -> str:
    return data_blocks(
        ("instructions", question.instructions),
        ("history", "\n".join(f"{turn.speaker}: {turn.text}" for turn in question.history)),
        ("context", command.context),
        ("question", question.text),
        ("task", command.task if command.task != question.text else ""),
    )


def _plain(command: AskExpert, question: Question) -> tuple[ChatMessage, ...]:
    history = tuple(ChatMessage(turn.speaker, turn.text) for turn in question.history)
    role = command.role.prompt if command.role is not None else ""
    pieces = (role, question.instructions, command.context, command.task)
    return *history, ChatMessage("user", "\n\n".join(piece for piece in pieces if piece.strip()))
