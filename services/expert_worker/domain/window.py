"""Fits the conversation into a model's context window, if its size is known."""

from libs.contracts.expert import AskExpert
from libs.contracts.question import Question
from libs.core.window import newest_that_fit

CONTRACT_CHARS = 1200  # the output contract and the tags around the material


def fitting(ask: AskExpert, *, role_chars: int) -> Question:
    """Keep the newest turns that fit beside everything else; all of them if the window is unknown."""
    question, window = ask.question, ask.role.context_window if ask.role is not None else 0
    others = (question.text, question.instructions, ask.context, ask.task)
    besides = role_chars + CONTRACT_CHARS + sum(map(len, others))
    kept = newest_that_fit(question.history, [len(turn.text) for turn in question.history], window, besides)
    return question.model_copy(update={"history": tuple(kept)})
