"""Small programs the tests run beside pytest: Locust must not patch pytest's own process."""
