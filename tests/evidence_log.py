"""One JSON line per case: what was put in on purpose, what was said of it, and was it right."""

import json
import os
import re
from pathlib import Path

# Two folders or more: where a test kept its files says nothing to a reader of the page.
PLACE = re.compile(r"(?:/[\w.-]+){2,}/(?=[\w.-])")


def log_case(kind: str, name: str, injected: str, said: str, right: bool, before: str = "") -> None:
    """Append a case to `<kind>.jsonl` in the folder TRUST_LOG names; without one, do nothing.

    `before` is what was said of it until a wrong word was mended, and empty where none was.
    """
    if folder := os.environ.get("TRUST_LOG"):
        Path(folder).mkdir(parents=True, exist_ok=True)
        case = {
            "kind": kind,
            "name": name,
            "injected": injected,
            "said": PLACE.sub("…/", said),
            "right": bool(right),
            "before": before,
        }
        with (Path(folder) / f"{kind}.jsonl").open("a") as lines:
            lines.write(json.dumps(case, ensure_ascii=False) + "\n")
