"""Models for sentence-transformers, by folder or by their name on Hugging Face. Never runs code that comes with one.

What is on this machine is taken without a look at the network; what is not is fetched only where that is allowed, and
announced before.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, TypeVar

from sutazai.errors.base import SutazAIError
from sutazai.errors.embedding import EmbedderMissing, EmbeddingFailed, HubFetchFailed, HubModelMissing, UnknownEmbedder
from sutazai.llm.ollama_errors import printable

ModelT = TypeVar("ModelT")
MadeT = TypeVar("MadeT", covariant=True)  # noqa: PLC0105 (one name of its kind)


class Make(Protocol[MadeT]):
    """Loads a model by folder or name. `local`: only from this machine."""

    def __call__(self, place: str, *, local: bool) -> MadeT:
        """The model."""


EXTRA_HINT: Final = "pip install 'sutazai[sentence-transformers]'"
_NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_FOLDER_SIGNS: Final = ("/", "\\", ".", "~")


class HubModel:
    """Where a model is, and whether it may be fetched.

    Args:
        name: of Hugging Face (`ORGANISATION/NAME`), or a folder: absolute, or with `~` or `.` before it.
        may_fetch: whether it may be fetched.
        announce: told before it is fetched.
    """

    def __init__(self, name: str, *, may_fetch: bool, announce: Callable[[str], None]) -> None:
        self.name = name
        self._may_fetch, self._announce = may_fetch, announce

    def load(self, make: Make[ModelT]) -> ModelT:
        """The model, quietly. Blocks for as long as that takes.

        Raises:
            UnknownEmbedder: the name is none, or no such folder is there.
            EmbedderMissing: the library is not installed.
            HubModelMissing: it is not on this machine and must not be fetched.
            HubFetchFailed: it could not be fetched.
            EmbeddingFailed: it cannot be loaded.
        """
        place, is_folder = _place(self.name)
        try:
            _be_quiet()
            return make(place, local=True) if is_folder else self._by_name(place, make)
        except SutazAIError:
            raise
        except ImportError as error:
            raise EmbedderMissing(self.name, error.name or "sentence-transformers", hint=EXTRA_HINT) from error
        except Exception as error:  # what a library of libraries raises has no base but Python's own
            raise EmbeddingFailed(self.name, _said(error)) from error

    def _by_name(self, name: str, make: Make[ModelT]) -> ModelT:
        try:
            return make(name, local=True)
        except ImportError:
            raise
        except Exception:
            if not self._may_fetch:
                if is_here(name):
                    raise
                raise HubModelMissing(name) from None
        self._announce(
            f"fetching {name} from Hugging Face; it is fetched once, Ctrl-C stops it. Its licence is on its page there"
        )
        try:
            return make(name, local=False)
        except ImportError:
            raise
        except Exception as error:
            raise HubFetchFailed(name, _said(error)) from error


def is_here(name: str) -> bool:
    """Whether a model is a folder, or was fetched from Hugging Face, if perhaps not to its end."""
    place, is_folder = _place(name)
    return is_folder or any(_fetched(each) for each in (place, f"sentence-transformers/{place}"))


def _fetched(name: str) -> bool:
    from huggingface_hub import try_to_load_from_cache  # noqa: PLC0415 (loaded only when used)

    try:
        return isinstance(try_to_load_from_cache(name, "config.json"), str)
    except ValueError:  # a name of two organisations
        return False


def _place(name: str) -> tuple[str, bool]:
    """The folder or the name, and whether it is a folder."""
    if name.startswith(_FOLDER_SIGNS) or Path(name).is_absolute():
        folder = Path(name).expanduser()
        if not folder.is_dir():
            raise UnknownEmbedder(f"st:{name}", "there is no such folder")
        return str(folder.resolve()), True
    if not _NAME.fullmatch(name):
        raise UnknownEmbedder(f"st:{name}", "give `st:ORGANISATION/NAME` of Hugging Face, or `st:/path/of/a/folder`")
    if Path(name).is_dir():
        # The library would take it: weights of whatever project one stands in.
        raise UnknownEmbedder(f"st:{name}", f"a folder of that name is here: write `st:./{name}` if it is meant")
    return name, False


def _said(error: Exception) -> str:
    return printable(str(error)) or type(error).__name__


def _be_quiet() -> None:
    """Keeps the libraries' progress bars and advice from the terminal: stderr is ours."""
    from huggingface_hub.utils.tqdm import disable_progress_bars  # noqa: PLC0415 (loaded only when used)
    from transformers.utils import logging as transformers_logging  # noqa: PLC0415

    disable_progress_bars()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    for name in ("huggingface_hub", "sentence_transformers"):
        logging.getLogger(name).setLevel(logging.ERROR)
