"""The journal service: records every record of every topic and answers history queries of one response."""
