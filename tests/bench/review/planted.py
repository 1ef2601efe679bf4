"""Plants one-edit faults and asks a model: `python -m tests.bench.review.planted [--model NAME] [--limit N]`.

Goals: at least 55 % found at no more than 5 % false alarms, at most 4 s a function. Uses the weights that are on this
machine, or fetches them as every command does.
"""

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from typing import Any

from sutazai.errors.base import SutazAIError
from sutazai.review import bench
from sutazai.runtime.opening import open_runtime
from sutazai.sdk.ports import ChatModel
from sutazai.settings.load import load_settings
from tests.bench.review import tables
from tests.bench.review.circumstances import circumstances


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints what was found, what was flagged for nothing, and the time a function takes."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.review.planted", description=__doc__)
    parser.add_argument("--model", default=None, metavar="NAME", help="a model by name, or a path to a .gguf file")
    parser.add_argument("--limit", type=int, default=0, metavar="N", help="this many functions; 0: all")
    parser.add_argument("--seed", type=int, default=0, help="which functions and faults")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    asked = parser.parse_args(arguments)
    try:
        figures = asyncio.run(_opened(asked.model, asked.seed, asked.limit))
    except SutazAIError as error:
        sys.stderr.write(f"{error.message}\n")
        return int(error.exit_code)
    sys.stdout.write((json.dumps(figures, indent=1) if asked.json else tables.of_planted(figures)) + "\n")
    return 0


async def _opened(model: str | None, seed: int, limit: int) -> dict[str, Any]:
    async with open_runtime(load_settings({"model.name": model})) as runtime:
        chat = await runtime.resources.chat(lambda _event: None)
        await chat.open()
        return await measured(chat, seed=seed, limit=limit)


async def measured(chat: ChatModel, *, seed: int, limit: int) -> dict[str, Any]:
    """The figures of an open model. The time is that of the probe alone, over right and wrong functions alike."""
    chosen = bench._chosen(seed, limit)
    faults = sum(len(each) for _, each in chosen)
    started = last = time.perf_counter()

    def progressed(_done: int, _total: int) -> None:
        nonlocal last
        last = time.perf_counter()

    profile = await bench.measure(chat, seed=seed, limit=limit, on_progress=progressed)
    probe = profile.recipes.get("probe")
    asked = len(chosen) + faults
    return {
        "kind": "planted",
        **circumstances(),
        "model": chat.info.name,
        "functions": len(chosen),
        "faults": faults,
        "recall": probe.recall if probe else None,
        "false_alarm_rate": probe.false_alarm_rate if probe else None,
        "threshold": probe.threshold if probe else None,
        "seconds_a_function": round((last - started) / asked, 2) if asked and probe else None,
        "second_look_auc": profile.recipes["adjudicate"].auc if "adjudicate" in profile.recipes else None,
    }


if __name__ == "__main__":
    sys.exit(main())
