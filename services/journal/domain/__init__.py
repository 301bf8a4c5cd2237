"""What the journal decides: what a row is, in which order rows are told, and what they say. Pure."""
