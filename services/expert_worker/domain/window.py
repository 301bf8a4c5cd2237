"""Fits the conversation into a model's context window, if its size is known."""

from libs.contracts.expert import AskExpert
from libs.contracts.question import Question
from libs.core.window import newest_that_fit

CONTRACT_CHARS = 1200  # the output contract and the tags around the material


def fitting(command: AskExpert, *, role_chars: int) -> Question:
    """Keep the newest turns that fit beside everything else; all of them if the window is unknown."""
    question, window = command.question, command.role.context_window if command.role is not None else 0
    others = (question.text, question.instructions, command.context, command.task)
    besides = role_chars + CONTRACT_CHARS + sum(map(len, others))
    fitting = newest_that_fit(question.history, [len(turn.text) for turn in question.history], window, besides)
    return question.model_copy(update={"history": tuple(fitting)})
