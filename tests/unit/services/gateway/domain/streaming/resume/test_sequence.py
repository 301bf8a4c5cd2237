from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.streaming.resume import (
    CHECKSUM_MASK,
    Sequence,
    characters_of,
    checksum_in,
    checksum_of,
    state_of,
)

PIECES = st.lists(st.tuples(st.text(min_size=1, max_size=9), st.integers(0, 15), st.integers(1, 40)), max_size=9)


@given(PIECES, st.integers(0, 300))
def test_numbers_always_grow(pieces: list[tuple[str, int, int]], before: int) -> None:
    numbers, sequence = [0], Sequence()
    numbers += [sequence.next(1) for _ in range(before)]
    for text, state, events in pieces:
        sequence.characters += len(text)
        sequence.checksum = checksum_of(text, sequence.checksum)
        numbers += [sequence.next(state) for _ in range(events)]
    assert numbers == sorted(set(numbers))


@given(st.text(min_size=1, max_size=50), st.integers(0, 15), st.integers(1, 16))
def test_a_number_tells_characters_checksum_and_state(text: str, state: int, events: int) -> None:
    sequence = Sequence(characters=len(text), checksum=checksum_of(text))
    for _ in range(events):
        number = sequence.next(state)
    told = (characters_of(number), checksum_in(number), state_of(number))
    assert told == (len(text), checksum_of(text) & CHECKSUM_MASK, state)


def test_the_checksum_of_a_text_that_is_sent_in_pieces_is_that_of_the_whole() -> None:
    sequence = Sequence()
    for piece in ("Good ", "morning"):
        sequence.characters += len(piece)
        sequence.checksum = checksum_of(piece, sequence.checksum)
    assert checksum_in(sequence.next(0)) == checksum_of("Good morning") & CHECKSUM_MASK


def test_before_the_first_character_there_is_no_checksum() -> None:
    sequence = Sequence()
    for _ in range(5000):
        number = sequence.next(3)
    assert (characters_of(number), checksum_in(number), state_of(number)) == (0, 0, 3)


def test_a_long_answer_stays_below_what_every_client_counts() -> None:
    assert Sequence(characters=500_000_000, checksum=0xFFFFFFFF).next(15) < 2**53


def test_numbers_go_on_from_the_last_one_while_less_is_known() -> None:
    last = Sequence(characters=10, checksum=99).next(3)
    assert Sequence(last).next(0) > last
