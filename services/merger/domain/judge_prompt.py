"""The judge's prompt: rules as the system message, all untrusted text as data."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.answer import MergeAnswer, PartResult, WriteTrace
from libs.contracts.part_sources import TOOL
from libs.contracts.question import Question
from libs.contracts.staffing import StageRole
from libs.core.prompt_blocks import data_blocks
from libs.core.text import capped
from libs.core.window import newest_that_fit
from libs.ports.llm import ChatMessage

_LANGUAGES = {"en": "English", "de": "German"}


@dataclass(frozen=True, slots=True)
class JudgePrompt:
    """`texts` are the prompt files by name; `result_chars` is the maximum length of each result in the prompt."""

    texts: Mapping[str, str]
    result_chars: int

    def render(self, event: MergeAnswer) -> tuple[ChatMessage, ...]:
        """Messages of the call that writes the answer."""
        rules = _besides(self._rules(event.question), event.judge)
        if event.trace:
            rules = f"{rules.rstrip()}\n\n{self.texts['judge_trace']}"
        return ChatMessage("system", rules), ChatMessage("user", self._material(event, rules, event.trace))

    def trace_prompt(self, event: WriteTrace) -> tuple[ChatMessage, ...]:
        """Messages of the call that precedes it and writes the trace."""
        rules = self.texts["trace"].replace("{language}", _LANGUAGES[event.question.language])
        rules = _besides(rules, event.judge)
        return ChatMessage("system", rules), ChatMessage("user", self._material(event, rules))

    def _rules(self, question: Question) -> str:
        rules = self.texts["judge"].replace("{language}", _LANGUAGES[question.language])
        for_mode = self.texts.get(f"judge_{question.mode}", "")
        return f"{rules}\n\n{for_mode}" if for_mode else rules

    def _material(self, event: MergeAnswer | WriteTrace, rules: str, trace: str = "") -> str:
        question = event.question
        missing = "\n".join(f"- {part.task} ({part.reason})" for part in event.missing)
        tools, experts = self._results(event, exact=True), self._results(event, exact=False)
        besides = (rules, question.instructions, question.text, trace, tools, experts, missing)
        return data_blocks(
            ("instructions", question.instructions),
            ("history", _history(question, event.judge, sum(map(len, besides)))),
            ("question", question.text),
            ("reasoning", trace),
            ("tool_results", tools),
            ("expert_results", experts),
            ("missing", missing),
        )

    def _results(self, event: MergeAnswer | WriteTrace, *, exact: bool) -> str:
        """Those of tools are exact; those of any other source are rated by their confidence."""
        tasks = [(result.category, result.task) for result in event.results]
        of_kind = (result for result in event.results if (result.kind == TOOL.kind) == exact)
        return "\n\n".join(self._result(result, tasks.count((result.category, result.task))) for result in of_kind)

    def _result(self, result: PartResult, opinions: int) -> str:
        finding = result.finding
        several = f", one of {opinions} independent opinions on this task" if opinions > 1 else ""
        rating = "" if result.kind == TOOL.kind else f" (confidence: {finding.confidence}{several})"
        return f"Task: {result.task}\nResult{rating}:\n{capped(finding.text, self.result_chars)}"


def _history(question: Question, judge: StageRole | None, besides: int) -> str:
    """The newest turns that fit into the judge's context window beside `besides` characters."""
    turns = [f"{turn.speaker}: {turn.text}" for turn in question.history]
    return "\n".join(newest_that_fit(turns, [*map(len, turns)], judge.context_window if judge else 0, besides))


def _besides(rules: str, judge: StageRole | None) -> str:
    """A template's prompt is appended to the default rules and cannot replace them."""
    if judge is None or not judge.prompt:
        return rules
    return f"{rules.rstrip()}\n\nFor this kind of question, besides:\n{judge.prompt}"
