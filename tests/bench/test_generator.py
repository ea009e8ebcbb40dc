"""What is made of a generator's output, however it arrives."""

import json
import threading

import pytest

from loadtests.bench import generator
from loadtests.bench.generator import GeneratorRun
from loadtests.errors import NotReadyError, TrialError

READY = {"event": "ready", "addresses": ["10.0.0.2"]}
TICK = {"event": "tick", "time_s": 1.0, "users": 3}
DONE = {"event": "done"}


class Container:
    """A container that printed something and ended."""

    def __init__(self, chunks, code=0):
        self._chunks, self._code = chunks, code

    def logs(self, stream, follow):
        assert stream
        assert follow
        return iter(self._chunks)

    def wait(self):
        return {"StatusCode": self._code}


def printed(*lines):
    """Return lines as a container prints them."""
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    return "".join(f"{text}\n" for text in texts).encode()


def followed(chunks, code=0):
    """Follow a container to its end; return the run and what was passed on."""
    run, passed = GeneratorRun(Container(chunks, code), 60.0), []
    run.follow(passed.append, passed.append, passed.append)
    return run, passed


ALL = printed(READY, TICK, TICK, DONE)
CHUNKS = [
    ([ALL], "all at once"),
    ([bytes([byte]) for byte in ALL], "byte by byte"),
    ([ALL[:10], ALL[10:75], b"", ALL[75:]], "cut anywhere"),
    (ALL.splitlines(keepends=True), "line by line"),
]


@pytest.mark.parametrize(("chunks", "what"), CHUNKS)
def test_lines_are_put_together_however_they_arrive(chunks, what):
    run, passed = followed(chunks)
    assert passed == [READY, TICK, TICK], what
    assert run.ticks == [TICK, TICK]
    assert run.log == ALL


ODD = [
    "Traceback (most recent call last):",
    "{'a': 1}",
    "{not JSON",
    '{"json": "but not ours"}',
    "[1, 2]",
    "3",
    "",
    "naïve ✓",
]


@pytest.mark.parametrize("odd", ODD)
def test_what_a_locustfile_prints_is_kept_and_not_taken_for_ours(odd):
    run, passed = followed([printed(READY, odd, TICK, DONE)])
    assert passed == [READY, TICK]
    assert f"\n{odd}\n" in run.log.decode()


def test_bytes_that_are_no_text_do_no_harm():
    run, _ = followed([b"\xff\xfe\n" + printed(READY, DONE)])
    assert "�" in run.log.decode()


def test_an_end_before_the_work_is_done_is_told_with_the_last_lines():
    lines = printed(READY, TICK, *(f"line {number}" for number in range(20)))
    with pytest.raises(TrialError, match=r"exit code 137 before its work was done:\nline 12\n"):
        followed([lines], code=137)


def test_replicas_that_never_answered_are_told():
    with pytest.raises(NotReadyError, match="0 of 1 replicas"):
        followed([printed({"event": "not_ready", "message": "0 of 1 replicas answered"})])


class Silent(Container):
    """A container that prints nothing and ends only when it is killed."""

    def __init__(self):
        super().__init__([], code=137)
        self._killed = threading.Event()

    def kill(self):
        self._killed.set()

    def logs(self, stream, follow):
        self._killed.wait()
        return iter(())


def test_a_generator_that_says_nothing_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(generator, "READY_LIMIT_S", 0.0)
    monkeypatch.setattr(generator, "GRACE_S", 0.0)
    run = GeneratorRun(Silent(), 0.01)
    with pytest.raises(TrialError, match=r"still at work after 0.01 s; ended it"):
        run.follow(print, print, print)
