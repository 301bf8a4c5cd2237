"""Replays recorded work: verification, what-if runs, forensic inspection."""
