"""Trials that never ran: a model of what really happened, and the record it would have left.

It knows records and nothing of how they are judged; every trial is made from a seed.
"""
