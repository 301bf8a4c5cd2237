"""Domain rules that services share: ids, clock, errors, text. Standard library only."""
