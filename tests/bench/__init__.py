"""The bench, without an engine: what it parses, names, stores and refuses."""
