"""Locustfiles of every shape that a test runs both ways: with Locust, and with the generator."""
