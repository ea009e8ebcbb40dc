"""A first locustfile, from an OpenAPI document or a recording of a browser.

Knows what an API says of itself, and how Locust's users are written. Does not know whether that is
true: it sends no load, starts no container, and never imports Locust.
"""
