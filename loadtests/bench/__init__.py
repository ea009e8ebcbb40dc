"""Touches the world: engine, images, containers, counters, and the folder where trials are kept.

It knows questions and records, and decides nothing: no verdict, no SLO, no next setting.
The service is an address to it. The engine comes in as a client, so that it may be a remote one.
"""
