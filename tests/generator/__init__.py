"""The generator's program, without a container; what needs Locust runs in a process of its own."""
