"""The journal's decisions: the form of an entry, the order of a history, and the summary of a record; pure."""
