"""What travels along with a locustfile, and what its hash says."""

import hashlib
import io
import tarfile

import pytest

from loadtests.bench import users_script
from loadtests.bench.users_script import UsersScript
from loadtests.errors import QuestionError


@pytest.fixture
def folder(tmp_path):
    """A locustfile with a module, data, packages it asks for, and what is nobody's data."""
    for name, text in {
        "visit.py": "import shopping\n",
        "shopping/__init__.py": "",
        "data/items.csv": "id\n1\n",
        "requirements.txt": "faker==30.0.0\n",
        ".git/HEAD": "ref",
        ".env": "PASSWORD=secret",
        "__pycache__/visit.pyc": "",
        "venv/lib/thing.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_modules_and_data_travel_along_hidden_files_and_environments_do_not(folder):
    script = UsersScript.read(folder / "visit.py")
    assert script.name == "visit.py"
    assert sorted(script.files) == [
        "data/items.csv", "requirements.txt", "shopping/__init__.py", "visit.py",
    ]  # fmt: skip
    assert script.requirements == "faker==30.0.0\n"


def test_it_is_put_into_one_folder_of_one_owner(folder):
    archive = UsersScript.read(folder / "visit.py").tar("aguanta", 10001)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert {member.uid for member in tar.getmembers()} == {10001}
        assert tar.extractfile("aguanta/data/items.csv").read() == b"id\n1\n"
        assert tar.getmember("aguanta/shopping").isdir()
        tar.extractall(folder / "out", filter="data")


def test_the_hash_is_of_all_that_travels_along(folder):
    before = UsersScript.read(folder / "visit.py").sha256
    assert UsersScript.read(folder / "visit.py").sha256 == before
    (folder / "data" / "items.csv").write_text("id\n2\n")
    after = UsersScript.read(folder / "visit.py").sha256
    assert after != before
    (folder / "data" / "items.csv").rename(folder / "data" / "goods.csv")
    assert UsersScript.read(folder / "visit.py").sha256 not in (before, after)


def test_the_hash_tells_options_apart(folder):
    plain = UsersScript.read(folder / "visit.py").sha256
    assert UsersScript.read(folder / "visit.py", ["--tags", "read"]).sha256 != plain


def test_a_script_alone_has_the_hash_of_its_file(tmp_path):
    """As every record so far has it."""
    (tmp_path / "visit.py").write_bytes(b"x = 1\n")
    expected = hashlib.sha256(b"x = 1\n").hexdigest()
    assert UsersScript.read(tmp_path / "visit.py").sha256 == expected
    assert UsersScript.alone(tmp_path / "visit.py").sha256 == expected


def test_a_folder_that_holds_too_much_is_refused_with_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(users_script, "FOLDER_AT_MOST_MIB", 0)
    with pytest.raises(QuestionError, match="into a folder of its own"):
        UsersScript.read(folder / "visit.py")
