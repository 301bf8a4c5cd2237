"""A model whose window is known is shown as much of the conversation as fits into it."""

from libs.contracts.expert import AskExpert
from libs.contracts.question import Question, Turn

CHARS_PER_TOKEN = 4
PROMPT_SHARE = 0.75  # the rest of the window is for the answer
CONTRACT_CHARS = 1200  # the output contract and the tags around the material


def fitting(ask: AskExpert, *, role_chars: int) -> Question:
    """Return the question with the newest turns that fit beside everything else; all of them without a window."""
    question, window = ask.question, ask.role.context_window if ask.role is not None else 0
    if not window or not question.history:
        return question
    others = (question.text, question.instructions, ask.context, ask.task)
    room = int(window * CHARS_PER_TOKEN * PROMPT_SHARE) - role_chars - CONTRACT_CHARS - sum(map(len, others))
    kept: list[Turn] = []
    for turn in reversed(question.history):
        room -= len(turn.text)
        if room < 0:
            break
        kept.append(turn)
    return question.model_copy(update={"history": tuple(reversed(kept))})
