"""Programs that drafted locustfiles ask."""
