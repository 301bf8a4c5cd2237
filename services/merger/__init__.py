"""Joins the parts of a request and makes one answer from them."""
