"""Offset ledgers: the finished records of each partition, and the offsets that may be committed."""
