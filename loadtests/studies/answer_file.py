"""answer.json in a run's folder: what scripts and gates read."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from loadtests.analysis.answer import ANSWER, to_json


def write_answer_file(run: Path, answer: Mapping[str, Any]) -> Path:
    """Write an answer into a run's folder, in place of an earlier one, and return its path."""
    path = run / ANSWER
    path.write_text(to_json(answer))
    return path
