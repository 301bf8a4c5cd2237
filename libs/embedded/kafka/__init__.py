"""A real Apache Kafka without containers: one node, KRaft, on loopback, durable."""
