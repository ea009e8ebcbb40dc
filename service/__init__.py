"""The service under test: it knows one model, and not that it is being measured."""
