"""What travels along with a locustfile, and what its hash says."""

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from loadtests.bench import users_script
from loadtests.bench.users_script import UsersScript
from loadtests.errors import QuestionError
from loadtests.units import MIB


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
        "venv/pyvenv.cfg": "home = /usr/bin",
        "venv/lib/thing.py": "",
        "node_modules/left/pad.js": "",
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
    assert script.requirements == {"requirements.txt": "faker==30.0.0\n"}


def test_a_module_that_is_called_like_an_environment_and_is_none_travels_along(folder):
    (folder / "env").mkdir()
    (folder / "env" / "staging.py").write_text("HOST = 1\n")
    assert "env/staging.py" in UsersScript.read(folder / "visit.py").files


def test_what_is_left_out_does_not_count(folder, monkeypatch):
    monkeypatch.setattr(users_script, "FOLDER_AT_MOST_MIB", 1)
    for junk in (".git/pack", ".venv/lib/big.so", "venv/lib/big.so", "node_modules/big.js"):
        (folder / junk).parent.mkdir(parents=True, exist_ok=True)
        (folder / junk).write_bytes(bytes(MIB + 1))
    assert UsersScript.read(folder / "visit.py").name == "visit.py"


def test_links_are_followed_and_never_in_circles(folder, tmp_path_factory):
    common = tmp_path_factory.mktemp("common")
    (common / "paths.py").write_text("PATHS = []\n")
    (folder / "common").symlink_to(common)
    (folder / "shopping" / "again").symlink_to(folder)
    files = UsersScript.read(folder / "visit.py").files
    assert "common/paths.py" in files
    assert not [name for name in files if name.startswith("shopping/again")]


def test_a_hidden_script_travels_too(folder):
    (folder / ".visit.py").write_text("x = 1\n")
    assert UsersScript.read(folder / ".visit.py").files[".visit.py"] == b"x = 1\n"


def test_what_cannot_be_read_is_refused_with_its_path(folder, monkeypatch):
    def refuses(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuses)
    with pytest.raises(
        QuestionError, match=r"visit.py, which travels along .* \(Permission denied\)"
    ):
        UsersScript.read(folder / "visit.py")


def test_packages_in_no_text_are_refused_and_a_byte_order_mark_is_none_of_it(folder):
    (folder / "requirements.txt").write_bytes("faker\n".encode("utf-8-sig"))
    assert UsersScript.read(folder / "visit.py").requirements == {"requirements.txt": "faker\n"}
    (folder / "requirements.txt").write_bytes("faker\n".encode("utf-16"))
    with pytest.raises(QuestionError, match="no text in UTF-8; save it so"):
        _ = UsersScript.read(folder / "visit.py").requirements


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
