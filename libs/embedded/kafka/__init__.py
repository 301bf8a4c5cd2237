"""Apache Kafka without containers: one durable KRaft node on loopback."""
