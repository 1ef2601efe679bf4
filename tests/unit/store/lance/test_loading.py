"""How LanceDB is imported."""

import subprocess
import sys

from sutazai.store.lance import loading

CODE = """
import os, pydantic
from sutazai.store.lance.loading import load
real = pydantic.validate_call
module = load()
from lance_namespace_urllib3_client.api.tag_api import TagApi
print(module.__name__, pydantic.validate_call is real, hasattr(TagApi.create_table_tag, "raw_function"),
      os.environ["LANCE_LOG"], os.environ["LANCEDB_LOG"])
"""


def test_it_comes_silently_without_validators_and_leaves_pydantic_as_it_was():
    """Whoever set what it logs is heard."""
    environment = {"LANCEDB_LOG": "info"}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", CODE], check=True, capture_output=True, text=True, env=environment
    )
    assert (ended.stdout, ended.stderr) == ("lancedb True False error info\n", "")


def test_a_decorator_that_does_nothing_may_have_options():
    def function() -> int:
        return 1

    assert loading._unchanged(function) is function
    assert loading._unchanged(config={})(function) is function
