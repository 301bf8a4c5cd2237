"""The merger service: joins the parts of a request and writes one answer from them."""
