"""Answers of one model, straight from its server: what is asked, and what comes back, repaired. Pure."""
