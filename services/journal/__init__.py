"""The journal: keeps every record of every topic, and tells what happened to one response."""
