"""What is asked of one trial again and again, and computed once.

A trial is told from others by what it is, not by what it says: a part or a copy is another one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar
from weakref import WeakKeyDictionary, ref

from loadtests.analysis.evidence import Evidence

Found = TypeVar("Found")
Given = ParamSpec("Given")
Subject = TypeVar("Subject")


def once(
    measure: Callable[Concatenate[Evidence, Given], Found],
) -> Callable[Concatenate[Evidence, Given], Found]:
    """Keep what is measured of a trial as long as there is the trial; for figures, not arrays."""
    known: WeakKeyDictionary[Evidence, tuple[tuple[object, object], Found]] = WeakKeyDictionary()

    @wraps(measure)
    def remembered(evidence: Evidence, /, *given: Given.args, **named: Given.kwargs) -> Found:
        asked, found = (given, named), known.get(evidence)
        if found is None or found[0] != asked:
            found = known[evidence] = (asked, measure(evidence, *given, **named))
        return found[1]

    return remembered


def of_latest(
    measure: Callable[Concatenate[Subject, Given], Found],
) -> Callable[Concatenate[Subject, Given], Found]:
    """Keep what is measured of the trial, or sample, that was asked about last; for arrays."""
    latest: list[tuple[ref[Subject], tuple[object, object], Found]] = []

    @wraps(measure)
    def remembered(subject: Subject, /, *given: Given.args, **named: Given.kwargs) -> Found:
        asked = (given, named)
        if latest and latest[0][0]() is subject and latest[0][1] == asked:
            return latest[0][2]
        found = measure(subject, *given, **named)
        latest[:] = [(ref(subject), asked, found)]
        return found

    return remembered
