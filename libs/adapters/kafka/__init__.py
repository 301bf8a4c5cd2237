"""Compares and changes Kafka topics."""
