"""Files that a service is given: read once, refused in words, told apart by their content."""

import os

import pytest

from loadtests.bench import given_files
from loadtests.bench.given_files import NO_FILES, GivenFiles
from loadtests.errors import QuestionError


@pytest.fixture
def root(tmp_path):
    """A folder with a file, and a folder with files, one of which can be run."""
    (tmp_path / "shop.yaml").write_text("port: 8000\n")
    (tmp_path / "conf" / "deep").mkdir(parents=True)
    (tmp_path / "conf" / "start.sh").write_text("exec serve\n")
    (tmp_path / "conf" / "start.sh").chmod(0o700)
    (tmp_path / "conf" / "deep" / ".hidden").write_text("x")
    return tmp_path


def test_files_and_folders_are_read_with_all_that_is_in_them(root):
    files = GivenFiles.read({"/etc/shop.yaml": "shop.yaml", "/etc/conf": str(root / "conf")}, root)
    assert files.paths == ("/etc/conf", "/etc/shop.yaml")
    assert set(files.given["/etc/conf"]) == {"", "start.sh", "deep", "deep/.hidden"}
    modes = {name: oct(entry.mode) for name, entry in files.given["/etc/conf"].items()}
    assert modes == {"": "0o755", "start.sh": "0o555", "deep": "0o755", "deep/.hidden": "0o444"}


def test_what_is_given_is_read_once(root):
    files = GivenFiles.read({"/etc/shop.yaml": "shop.yaml"}, root)
    (root / "shop.yaml").write_text("port: 9000\n")
    assert files.given["/etc/shop.yaml"][""].content == b"port: 8000\n"


def test_the_digest_is_of_paths_contents_and_modes_and_tells_nothing_of_them(root):
    files = {"/etc/shop.yaml": "shop.yaml", "/etc/conf": "conf"}
    before = GivenFiles.read(files, root).digest
    assert len(before) == 6
    assert "8000" not in repr(GivenFiles.read(files, root))
    os.utime(root / "shop.yaml", (0, 0))
    assert GivenFiles.read(files, root).digest == before
    changes = (
        lambda: (root / "shop.yaml").write_text("port: 8001\n"),
        lambda: (root / "conf" / "start.sh").chmod(0o600),
        lambda: (root / "conf" / "deep" / ".hidden").rename(root / "conf" / "deep" / "seen"),
    )
    digests = {before}
    for change in changes:
        change()
        digests.add(GivenFiles.read(files, root).digest)
    digests.add(GivenFiles.read({**files, "/etc/shop.yml": "shop.yaml"}, root).digest)
    assert len(digests) == 5
    assert NO_FILES.digest == ""


@pytest.mark.parametrize(
    "there",
    ["etc/shop.yaml", "/", "", "/etc/../shop", "/etc/", "//etc/shop", "/etc/a\nb", "/etc//shop"],
)
def test_what_is_no_path_in_a_container_is_refused(root, there):
    with pytest.raises(QuestionError, match="no path in a container; give each as"):
        GivenFiles.read({there: "shop.yaml"}, root)


@pytest.mark.parametrize("there", ["/proc/sys/x", "/dev/shop", "/sys"])
def test_what_is_the_kernel_s_is_refused(root, there):
    with pytest.raises(QuestionError, match="which is the kernel's"):
        GivenFiles.read({there: "shop.yaml"}, root)


def test_what_is_not_there_is_refused_with_its_path(root):
    with pytest.raises(QuestionError, match=r"'gone.yaml' for /etc/a, which cannot be read"):
        GivenFiles.read({"/etc/a": "gone.yaml"}, root)


def test_what_is_neither_file_nor_folder_and_a_link_to_a_folder_are_refused(root):
    os.mkfifo(root / "conf" / "pipe")
    with pytest.raises(QuestionError, match=r"pipe', which is neither a file nor a folder"):
        GivenFiles.read({"/etc/conf": "conf"}, root)
    (root / "conf" / "pipe").unlink()
    (root / "conf" / "again").symlink_to(root / "conf")
    with pytest.raises(QuestionError, match=r"again', a link to a folder, which is not followed"):
        GivenFiles.read({"/etc/conf": "conf"}, root)


def test_a_link_to_a_file_is_what_it_leads_to(root):
    (root / "link.yaml").symlink_to("shop.yaml")
    files = GivenFiles.read({"/etc/shop.yaml": "link.yaml"}, root)
    assert files.given["/etc/shop.yaml"][""].content == b"port: 8000\n"


def test_too_much_is_refused_with_what_to_do(root, monkeypatch):
    monkeypatch.setattr(given_files, "FILES_AT_MOST_MIB", 0)
    with pytest.raises(QuestionError, match="build an image that has them"):
        GivenFiles.read({"/etc/shop.yaml": "shop.yaml"}, root)
