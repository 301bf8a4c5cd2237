"""The runtime of services: consuming without loss, one handling policy, one start and stop sequence."""
