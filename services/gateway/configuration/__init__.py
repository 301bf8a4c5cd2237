"""The settings of the gateway, in parts: each with what is made from it."""
