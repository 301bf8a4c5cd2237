"""Dead letters: found in the journal, replayed or dropped."""
