"""What a request will take, roughly: limits and budgets count it before anybody knows. Its end corrects it."""

from services.gateway.domain.ask import Ask
from services.gateway.domain.chat_body import ChatMessageBody

CHARS_PER_TOKEN = 4
PART_TOKENS = 800  # of an image, or of anything else that is not text
ANSWER_TOKENS = 1000  # where the client sets no limit
# The fleet reads a question several times and writes more than it says: plan, experts, judge.
FLEET_CALLS = 4


def estimated_tokens(ask: Ask, *, fleet: bool) -> int:
    """Return the tokens of one model call or, for the `fleet`, of all that it will make."""
    chat = ask.chat
    prompt = sum(map(_tokens_of, chat.messages))
    answer = chat.max_completion_tokens or chat.max_tokens or ANSWER_TOKENS
    return (prompt + answer) * (FLEET_CALLS if fleet else 1)


def _tokens_of(message: ChatMessageBody) -> int:
    content = message.content
    if content is None or isinstance(content, str):
        return len(content or "") // CHARS_PER_TOKEN + 1
    return sum(len(part.text) // CHARS_PER_TOKEN + 1 if part.text is not None else PART_TOKENS for part in content)
