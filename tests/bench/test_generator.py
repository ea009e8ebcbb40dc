"""What is made of a generator's output, however it arrives."""

import json
import threading

import pytest
from requests import ReadTimeout

from loadtests.bench import generator
from loadtests.bench.engine import ENGINE_LOST
from loadtests.bench.generator import GeneratorRun
from loadtests.errors import NotReadyError, ProxyError, TrialError

NOT_READY = {"event": "not_ready", "message": "0 of 1 replicas answered", "answers": {}}
READY = {"event": "ready", "answers": {"10.0.0.2": {"status": 200, "location": ""}}}
TICK = {"event": "tick", "time_s": 1.0, "users": 3}
DONE = {"event": "done"}


class Container:
    """A container that printed something and ended; its script printed on standard error."""

    def __init__(self, chunks, code=0, printed=()):
        self._chunks, self._code, self._printed = chunks, code, printed

    def logs(self, *, stdout, stderr, stream, follow):
        assert stdout is not stderr
        assert stream
        assert follow
        return iter(self._chunks if stdout else self._printed)

    def wait(self, timeout):
        return {"StatusCode": self._code}


def printed(*lines):
    """Return lines as a container prints them."""
    texts = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    return "".join(f"{text}\n" for text in texts).encode()


def followed(chunks, code=0, printed=()):
    """Follow a container to its end; return the run and what was passed on."""
    run, passed = GeneratorRun(Container(chunks, code, printed), 60.0), []
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
def test_a_line_that_is_not_ours_is_kept_and_not_passed_on(odd):
    run, passed = followed([printed(READY, odd, TICK, DONE)])
    assert passed == [READY, TICK]
    assert f"\n{odd}\n" in run.log.decode()


def test_bytes_that_are_no_text_do_no_harm():
    run, _ = followed([b"\xff\xfe\n" + printed(READY, DONE)])
    assert "�" in run.log.decode()


def test_what_a_script_prints_follows_the_lines_and_is_none_of_them():
    run, passed = followed([printed(READY, TICK, DONE)], printed=[b'{"event": ', b'"done"}\n'])
    assert passed == [READY, TICK]
    assert run.log == printed(READY, TICK, DONE) + b'{"event": "done"}\n'


def test_of_a_script_that_prints_without_end_the_last_is_kept():
    run, _ = followed([printed(READY, DONE)], printed=[b"a" * 60_000, b"b" * 60_000, b"the end\n"])
    assert len(run.log) == len(printed(READY, DONE)) + generator.PRINTED_BYTES
    assert run.log.endswith(b"bthe end\n")


def test_an_end_before_the_work_is_done_is_told_with_the_script_s_last_words():
    words = [f"line {number}\n".encode() for number in range(40)]
    with pytest.raises(TrialError, match=r"code 137 before its work was done:\nline 10\nline 11"):
        followed([printed(READY, TICK)], code=137, printed=words)


def test_an_end_without_a_word_of_the_script_is_told_with_the_last_lines():
    with pytest.raises(TrialError, match=r'work was done:\n.*\n.*"tick"'):
        followed([printed(READY, TICK)], code=137)


def test_replicas_that_never_answered_are_told():
    with pytest.raises(NotReadyError, match="0 of 1 replicas"):
        followed(
            [printed({"event": "not_ready", "message": "0 of 1 replicas answered", "answers": {}})]
        )


class CutOff(Container):
    """A container that runs on while its lines have ended."""

    def wait(self, timeout):
        raise ReadTimeout(f"no end within {timeout} s")


def test_a_generator_that_runs_on_unheard_is_cut_off_and_did_not_fail():
    """It may be at work still; the engine, or the way to it, is what went wrong."""
    run = GeneratorRun(CutOff([printed(READY, TICK)]), 60.0)
    with pytest.raises(ENGINE_LOST, match=r"its lines broke off: no end within"):
        run.follow(print, print, print)


class Silent(Container):
    """A container that prints nothing and ends only when it is killed."""

    def __init__(self):
        super().__init__([], code=137)
        self._killed = threading.Event()

    def kill(self):
        self._killed.set()

    def logs(self, **_):
        self._killed.wait()
        return iter(())


def test_a_generator_that_says_nothing_for_ever_is_ended(monkeypatch):
    monkeypatch.setattr(generator, "GRACE_S", 0.0)
    run = GeneratorRun(Silent(), 0.01)
    with pytest.raises(TrialError, match=r"still at work after 0.01 s; ended it"):
        run.follow(print, print, print)


def test_replicas_are_told_ready_before_all_is_where_a_proxy_is_awaited():
    """So that it is started in front of replicas that answer."""
    said, passed = {"event": "replicas_ready"}, []
    run = GeneratorRun(Container([printed(said, READY, TICK, DONE)]), 60.0)
    run.follow(passed.append, passed.append, passed.append, lambda line: passed.append([line]))
    assert passed == [[said], READY, TICK]
    assert followed([printed(said, READY, DONE)])[1] == [READY]


def test_a_proxy_that_never_found_the_replicas_is_no_word_about_them():
    said = {"event": "proxy_not_ready", "message": "it had found 1 of 2"}
    with pytest.raises(ProxyError, match="it had found 1 of 2") as refusal:
        followed([printed({"event": "replicas_ready"}, said)], code=5)
    assert not isinstance(refusal.value, NotReadyError)


def test_workers_that_never_came_are_named_and_nothing_is_said_of_the_service():
    with pytest.raises(TrialError, match="never came: 1, 3") as refusal:
        followed([printed({"event": "workers_missing", "workers": [1, 3]})], code=6)
    assert not isinstance(refusal.value, NotReadyError)


def test_workers_that_never_came_from_other_nodes_are_named_with_these():
    missing = printed({"event": "workers_missing", "workers": [1, 3]})
    run = GeneratorRun(Container([missing], 6), 60.0, ("node-2", "node-3", "node-1"))
    with pytest.raises(TrialError, match=r"came: 1 on node-2, 3 on node-1; .*ports 7946"):
        run.follow(*[lambda _: None] * 3)
