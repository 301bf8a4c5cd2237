"""Shared parts of the tools with outside calls: fetcher, typed responses, their source and text."""
