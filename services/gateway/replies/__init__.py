"""How the ends of requests reach the clients that wait for them."""
