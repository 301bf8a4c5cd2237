"""What the judge is told: rules as the system message, everything that others wrote as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.answer import MergeAnswer, PartResult
from libs.contracts.question import Question
from libs.core.prompt_blocks import data_blocks
from libs.core.text import capped
from libs.ports.llm import ChatMessage

_LANGUAGES = {"en": "English", "de": "German"}


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """`texts` are the prompt files by name; `result_chars` is how much of each result the judge reads."""

    texts: Mapping[str, str]
    result_chars: int

    def render(self, event: MergeAnswer) -> tuple[ChatMessage, ...]:
        """Return the messages of one judge call."""
        rules = self._rules(event.question)
        if event.judge is not None and event.judge.prompt:
            rules = f"{rules.rstrip()}\n\nFor this kind of question, besides:\n{event.judge.prompt}"
        return ChatMessage("system", rules), ChatMessage("user", self._material(event))

    def _rules(self, question: Question) -> str:
        rules = self.texts["judge"].replace("{language}", _LANGUAGES[question.language])
        for_mode = self.texts.get(f"judge_{question.mode}", "")
        return f"{rules}\n\n{for_mode}" if for_mode else rules

    def _material(self, event: MergeAnswer) -> str:
        question = event.question
        return data_blocks(
            ("instructions", question.instructions),
            ("history", "\n".join(f"{turn.speaker}: {turn.text}" for turn in question.history)),
            ("question", question.text),
            ("tool_results", self._results(event, "tool")),
            ("expert_results", self._results(event, "expert")),
            ("missing", "\n".join(f"- {part.task} ({part.reason})" for part in event.missing)),
        )

    def _results(self, event: MergeAnswer, kind: str) -> str:
        return "\n\n".join(self._result(result) for result in event.results if result.kind == kind)

    def _result(self, result: PartResult) -> str:
        finding = result.finding
        rating = f" (confidence: {finding.confidence})" if result.kind == "expert" else ""
        return f"Task: {result.task}\nResult{rating}:\n{capped(finding.text, self.result_chars)}"
