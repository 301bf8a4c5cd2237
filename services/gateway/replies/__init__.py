"""Delivery of the ends of requests to the clients that wait for them."""
