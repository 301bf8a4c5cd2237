"""Replies of one model in the words of each protocol."""
