"""Exact tools: pure functions behind one contract."""
