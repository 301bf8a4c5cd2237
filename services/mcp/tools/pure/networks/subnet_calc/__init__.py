"""Facts about an IPv4 or IPv6 network, computed without listing its addresses."""
