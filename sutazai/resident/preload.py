"""Imports what commands need and prepares what Python would otherwise prepare again in each child.

Imports only what it is told to, never a plugin of others. Must leave no thread, open file or event loop behind.
"""

import importlib
from collections.abc import Iterable, Iterator

from pydantic import BaseModel


def preload(modules: Iterable[str]) -> None:
    """Imports modules, and builds the validators of every model in them."""
    for name in modules:
        importlib.import_module(name)
    for model in set(_models(BaseModel)):
        if not model.__pydantic_complete__ and "[" not in model.__name__:
            model.model_rebuild(raise_errors=False)


def _models(base: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in base.__subclasses__():
        yield each
        yield from _models(each)
