"""Services whose truth is known, and what must be said of each."""
