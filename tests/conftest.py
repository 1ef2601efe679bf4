"""What every test has: a home of its own, no sockets in unit tests, and real models where they can be had."""

import asyncio
import os
import signal
import sys
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import settings
from platformdirs import user_cache_path
from pytest_socket import disable_socket, enable_socket

from sutazai.errors.weights import WeightsError
from sutazai.llm.catalog import Entry, find
from sutazai.llm.fetch import fetch
from sutazai.llm.weights.store import WeightStore
from tests.support.coverage_files import drop_unfinished

UNIT = Path(__file__).parent / "unit"
# How long one example takes says more of the machine than of the code.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_configure() -> None:
    """A shell has what it starts in the background ignore Ctrl-C: the commands that tests start must hear it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32" and signal.getsignal(signal.SIGQUIT) is signal.SIG_IGN:
        signal.signal(signal.SIGQUIT, signal.SIG_DFL)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Tests kill processes, some of them while they write what they covered: that is not joined with the rest."""
    result = yield
    drop_unfinished(session.config.invocation_params.dir)
    return result


@pytest.fixture(autouse=True)
def _no_sockets_in_unit_tests(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit tests speak to nobody; the event loop's own pipes stay allowed."""
    if sys.platform == "win32" or not request.path.is_relative_to(UNIT):
        yield
        return
    disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _home_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reads or writes the folders of whoever runs it, nor follows their settings."""
    for name in [each for each in os.environ if each.startswith("SUTAZAI_") and each != "SUTAZAI_TEST_CACHE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SUTAZAI_RESIDENT", "0")  # what a test starts ends with it
    monkeypatch.setenv("SUTAZAI_HOME", str(tmp_path_factory.mktemp("home", numbered=True)))


@pytest.fixture(scope="session")
def weights_folder() -> Path:
    """Where fetched weights are shared between test runs: SUTAZAI_TEST_CACHE, or the user's cache folder."""
    named = os.environ.get("SUTAZAI_TEST_CACHE")
    return Path(named) if named else user_cache_path("sutazai-tests") / "weights"


@pytest.fixture(scope="session")
def small_model(weights_folder: Path) -> Path:
    """A real model of 98 MB, good for plumbing only. Fetched in CI; elsewhere used if it is there already."""
    return _real_model("smollm2:135m", weights_folder)


@pytest.fixture(scope="session")
def default_model(weights_folder: Path) -> Path:
    """The default model, 1.1 GB. Fetched in CI; elsewhere used if it is there already."""
    return _real_model("qwen2.5-coder:1.5b", weights_folder)


@pytest.fixture(scope="session")
def embedding_weights(weights_folder: Path) -> Path:
    """The weights of the default embedding model, 91 MB. Fetched in CI; elsewhere used if they are there already."""
    return _real_model("all-minilm-l6-v2", weights_folder)


def _real_model(name: str, folder: Path) -> Path:
    entry = find(name)
    assert entry is not None
    in_ci = os.environ.get("CI") == "true"
    here = WeightStore(folder).path_of(entry)
    if here is None and not in_ci:
        pytest.skip(f"{name} is not in {folder}; set CI=true to fetch it")
    return here or _fetched(entry, folder)


def _fetched(entry: Entry, folder: Path) -> Path:
    # In a thread: the test that asked for it may have an event loop of its own.
    with ThreadPoolExecutor(1) as thread:
        try:
            return thread.submit(asyncio.run, fetch(entry, folder)).result()
        except WeightsError as error:
            pytest.fail(f"{error.message} ({error.hint})")
