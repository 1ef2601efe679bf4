"""Text from outside on its way into a prompt: made inert, and marked as data. Asks no model."""

import hashlib
import re
from typing import Final

_CONTROL: Final = re.compile(
    r"<(?=/?s>|/?think>|/?tool_call>|/?tool_response>|start_of_turn>|end_of_turn>|end_of_text>|begin_of_text>"
    r"|<SYS>>|</SYS>>|/SYS>>|SYS>>|[\uff5c\u2581])"
    r"|\[(?=/?INST\])",
    re.IGNORECASE,
)
"""How control tokens of the model families begin: Qwen and Llama 3 `<|`, Gemma, Mistral, DeepSeek, thoughts, tools."""


def inert(text: str) -> str:
    """The text, as long as before, in which no control token of a model can be spelled: `<|im_end|>` becomes plain.

    Runtimes read such tokens wherever they stand in a prompt, also in the middle of somebody's code or document.
    """
    plain = text.replace("<|", "<\u00a6")
    return _CONTROL.sub(lambda found: "\u27e8" if found.group() == "<" else "\u27e6", plain)


def as_data(text: str, kind: str = "code") -> str:
    """The text between two marks that it cannot contain: text in it that orders a model about stays text.

    The mark is drawn from the text itself, so that the same question is the same prompt: text that holds its own hash
    cannot be written.
    """
    mark = f"{kind}-" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"<{mark}>\n{inert(text.rstrip())}\n</{mark}>"
