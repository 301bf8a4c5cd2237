"""The sandbox: a process with its own user, network, mounts, process ids and files, and an allow-list of system calls.

`runner` is the service's side. Everything else runs in the sandboxed process and imports only the standard library, so
that it starts at once and contains nothing else.
"""
