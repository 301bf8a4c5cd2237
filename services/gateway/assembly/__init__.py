"""The parts that a gateway is put together from, each as the settings have it."""
