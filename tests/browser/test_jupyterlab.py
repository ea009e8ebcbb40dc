"""Notebook 05 in JupyterLab, as `make lab` opens it: Run All, and the figures are there."""

import json
import secrets
import shutil
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, Page, expect

from loadtests.analysis.answer import ANSWER
from loadtests.studies.parameters import EXAMPLE
from tests.browser.chromium import Complaints, chromium, open_page
from tests.browser.invented import notebook_for
from tests.running import PROJECT, free_ports, make_command, process, wait_for

pytestmark = pytest.mark.browser

NOTEBOOK = "05_plan_capacity.ipynb"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: where it answers, its token, its folder and its processes."""

    address: str
    token: str
    folder: Path
    pid: int


@pytest.fixture(scope="module")
def recorded(request: pytest.FixtureRequest) -> Path:
    """The recorded example, or an invented run before one was recorded."""
    run: Path = EXAMPLE if EXAMPLE.exists() else request.getfixturevalue("run")
    return run


@pytest.fixture(scope="module")
def lab(recorded: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab as `make lab` starts it, in a copy of the notebooks and of no one's settings."""
    home = tmp_path_factory.mktemp("lab")
    folder = home / "notebooks"
    shutil.copytree(PROJECT / "notebooks", folder, ignore=shutil.ignore_patterns("kernel-ipc*"))
    notebook_for(recorded.name, PROJECT / "notebooks" / NOTEBOOK, folder / NOTEBOOK)
    port, token = free_ports(), secrets.token_hex(16)
    server = {"root_dir": str(folder), "port": port, "port_retries": 0, "open_browser": False}
    quiet = {"news_url": None, "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"}
    (home / "config").mkdir()
    (home / "config" / "jupyter_lab_config.json").write_text(
        json.dumps({"ServerApp": server, "LabApp": quiet})
    )
    environment = {"JUPYTER_TOKEN": token, "JUPYTER_CONFIG_DIR": str(home / "config")}
    environment |= {name: str(home / name) for name in ("JUPYTER_RUNTIME_DIR", "IPYTHONDIR")}
    address = f"http://127.0.0.1:{port}"
    command = make_command("lab")
    with process(command, home / "log.txt", environment) as started:

        def answers() -> bool:
            log = (home / "log.txt").read_text()
            assert started.poll() is None, f"JupyterLab ended:\n{log}"
            return f"{address}/lab?token=" in log and _status(address) is not None

        wait_for("JupyterLab to answer", answers)
        yield Lab(address, token, folder, started.pid)


def _status(address: str) -> int | None:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return None


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """An empty page of someone who was never here."""
    page = open_page(browser)
    yield page
    page.context.close()


def test_run_all_shows_the_answer_and_the_figures(lab: Lab, page: Page, recorded: Path) -> None:
    """Through the menu, as a person does it; nothing is asked of the internet."""
    before = _files(EXAMPLE)
    heard = Complaints.of(page, lab.address)
    page.goto(f"{lab.address}/lab/tree/{NOTEBOOK}?token={lab.token}")
    notebook = page.get_by_role("main").locator(".jp-NotebookPanel").first
    expect(notebook.get_by_role("heading", name="How little holds the load?")).to_be_visible()
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()

    page.get_by_role("menubar").get_by_text("Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    saved = wait_for("every cell to have run", lambda: _executed(page, lab.folder / NOTEBOOK))

    assert _outputs(saved, "error") == []
    assert "<img" in str(_outputs(saved, "display_data") + _outputs(saved, "execute_result"))
    page.keyboard.press("Control+Home")
    card = notebook.get_by_label("The answer").first
    card.scroll_into_view_if_needed()
    expect(card).to_be_visible()
    figure = notebook.locator("figure.plot img").first
    figure.scroll_into_view_if_needed()
    expect(figure).to_be_visible()
    assert figure.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    expect(notebook.locator("[data-mime-type='application/vnd.jupyter.error']")).to_have_count(0)
    assert heard.foreign == []
    assert (recorded / ANSWER).exists()
    assert _files(EXAMPLE) == before, "the example is only looked at"


def _files(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def _executed(page: Page, notebook: Path) -> list[dict] | None:  # type: ignore[type-arg]
    """Save, and return the code cells once the last of them has run."""
    page.keyboard.press("Control+s")
    page.wait_for_timeout(500)  # one look every half second; the deadline is `wait_for`'s
    try:
        told = json.loads(notebook.read_text())
    except ValueError:  # Jupyter is half way through writing it
        return None
    cells = [c for c in told["cells"] if c["cell_type"] == "code"]
    failed = _outputs(cells, "error")
    assert not failed, failed
    return cells if all(cell["execution_count"] for cell in cells) else None


def _outputs(cells: list[dict], kind: str) -> list[dict]:  # type: ignore[type-arg]
    return [o for cell in cells for o in cell["outputs"] if o["output_type"] == kind]


def test_without_the_token_there_is_only_the_way_to_log_in(lab: Lab, page: Page) -> None:
    """Neither the page nor a file of it."""
    page.goto(f"{lab.address}/lab/tree/{NOTEBOOK}")
    assert page.url.startswith(f"{lab.address}/login")
    expect(page.get_by_text("Password or token")).to_be_visible()
    assert _status(f"{lab.address}/api/contents/{NOTEBOOK}") == 403
    assert _status(f"{lab.address}/api/contents/{NOTEBOOK}?token=wrong") == 403


def test_it_listens_on_loopback_only(lab: Lab) -> None:
    """The server and its kernels: nobody on the network reaches them."""
    make = psutil.Process(lab.pid)
    listening = {
        connection.laddr.ip
        for part in (make, *make.children(recursive=True))
        for connection in part.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
