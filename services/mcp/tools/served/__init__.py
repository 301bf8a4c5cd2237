"""The tools that need something outside: files, processes, the network."""
