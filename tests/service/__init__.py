"""The service under test, without a container."""
