"""Compares this project's search with others on the same evidence: simulated, and recorded.

It knows the searches and what a trial of a setting would tell, and no engine, container or record:
every trial it asks for is computed or has been made before.
"""
