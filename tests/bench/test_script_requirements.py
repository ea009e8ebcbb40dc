"""What a requirements.txt beside a script asks for, in all the ways people write it."""

import pytest

from loadtests.bench.script_requirements import read_requirements
from loadtests.errors import QuestionError

PINNED = {"locust": "2.47.0", "requests": "2.32.5"}


def asked(text, **others):
    """Return what is wanted, and what is asked for in another version."""
    texts = {"requirements.txt": text, **{f"{name}.txt": more for name, more in others.items()}}
    found = read_requirements("requirements.txt", texts, PINNED)
    return [*map(str, found.wanted)], [*found.others]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", []),
        ("# counting\n\nhumanize==4.9.0  # words\n", ["humanize==4.9.0"]),
        ("numpy\r\nFaker>=30\r\n", ["numpy", "Faker>=30"]),
        ("faker==30.0 \\\n    --hash=sha256:aa \\\n    --hash=sha256:bb\n", ["faker==30.0"]),
        ("uvicorn[standard]==0.30.0", ["uvicorn[standard]==0.30.0"]),
        ("humanize; python_version < '3'\nfaker; sys_platform == 'linux'", ["faker"]),
        ("locust>=2\nrequests\n", []),
        ("requests[socks]>=2", ["requests[socks]>=2"]),
    ],
)
def test_packages_are_read_but_those_that_the_generator_has(text, wanted):
    assert asked(text) == (wanted, [])


def test_no_file_asks_for_nothing():
    assert read_requirements("requirements.txt", {}, PINNED).wanted == ()


def test_other_versions_of_what_the_generator_has_are_told():
    assert asked("Locust==1.6.0") == ([], ["Locust==1.6.0, of which the load generator has 2.47.0"])


def test_files_that_it_names_are_read_too():
    assert asked("-r base.txt\nfaker", base="numpy\n")[0] == ["numpy", "faker"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-r gone.txt", "'-r gone.txt'; there is no such file beside it"),
        ("-r requirements.txt", "there is no such file beside it that could be read"),
        ("--index-url https://pypi.example/simple", r"so leave that line out"),
        ("-e .", "so leave that line out"),
        ("./humanize", "names no package; write each as name==version, and put modules of your"),
        ("humanize @ https://pypi.example/humanize.whl", "which lies at an address of its own"),
        ("what is this", "names no package"),
    ],
)
def test_lines_that_name_no_package_are_refused_with_what_to_write(text, said):
    with pytest.raises(QuestionError, match=said):
        asked(text)
