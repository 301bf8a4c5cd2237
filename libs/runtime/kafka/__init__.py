"""The Kafka implementation of the bus."""
