"""Tables of pages that are written as Markdown."""


def row(*cells: object) -> str:
    """Return a row of a table; neither a stroke nor a new line in a cell breaks it."""
    return "| " + " | ".join(str(c).replace("|", "\\|").replace("\n", " ") for c in cells) + " |"
