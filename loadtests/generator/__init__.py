"""The program inside the load generator's container: it drives Locust through its Python API.

It knows one job (who asks, how often, for how long), speaks one JSON line a second on standard
output, leaves its files in one folder, and ends by itself. It knows nothing of engines, limits,
SLOs or verdicts, and imports nothing of the project outside this package.

One process does it alone (`python3 -m loadtests.generator`), or several as Locust's workers
(`loadtests.generator.worker`) under its master (`loadtests.generator.master`): what a process does
is the same, and `Part` is where the two differ.
"""
