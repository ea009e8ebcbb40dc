"""Units that several rooms count in."""

MIB = 1024 * 1024  # bytes
