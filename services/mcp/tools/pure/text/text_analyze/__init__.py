"""Counts of a text: characters, words, sentences, reading time."""
