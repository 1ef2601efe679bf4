"""The functions of the bench are right, and every fault that can be planted changes what they do."""

import ast
import copy
import importlib
import sys
import types
from importlib import resources

import pytest

from sutazai.review.bench_data.planted import samples
from tests.support.bench_examples import EXAMPLES, KEYWORDS

SAMPLES = {f"{each.unit.path}:{each.unit.symbol}": each for each in samples()}
_MOST_STEPS = 20_000


def source(name):
    return resources.files("sutazai.review.bench_data").joinpath(name).read_text("utf-8")


def outcome(call):
    """What a call gives, by value; a fault may also raise or never end."""
    steps = 0

    def count(frame, event, arg):
        nonlocal steps
        steps += 1
        if steps > _MOST_STEPS:
            raise TimeoutError
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        result = call()
    except Exception as error:  # noqa: BLE001 (a planted fault may raise anything)
        return type(error).__name__
    finally:
        sys.settrace(before)
    return repr(sorted(result)) if isinstance(result, set) else repr(result)


def behaviour(text, sample):
    module = types.ModuleType("planted")
    exec(compile(text, "planted", "exec"), module.__dict__)  # noqa: S102 (our own text)
    name = sample.unit.symbol.split(".")[0]
    key = f"{sample.unit.path.removesuffix('.py')}.{name}"
    if name == "ToolShelf":
        return outcome(lambda: shelf(module.ToolShelf))
    function = getattr(module, name)
    calls = [(args, {}) for args in EXAMPLES[key]] + KEYWORDS.get(key, [])
    return [outcome(lambda args=args, kw=kw: function(*copy.deepcopy(args), **kw)) for args, kw in calls]


def shelf(kind):
    seen = []
    tools = kind({"saw": 2, "drill": 1})
    for member, tool in [("a", "saw"), ("b", "saw"), ("c", "saw"), ("a", "drill"), ("b", "drill"), ("a", "axe")]:
        seen.append((tools.lend(member, tool), sorted(tools.stock.items()), sorted(tools.loans.items())))
    for member, tool in [("a", "drill"), ("a", "drill"), ("z", "saw"), ("b", "saw"), ("a", "saw"), ("b", "saw")]:
        seen.append((tools.give_back(member, tool), sorted(tools.stock.items()), sorted(tools.loans.items())))
    tools = kind({"nail": 9})
    seen.append([tools.lend("q", "nail") for _ in range(5)])
    del tools.stock["nail"]
    seen.append((tools.give_back("q", "nail"), tools.stock, tools.loans))
    return seen


@pytest.mark.parametrize("name", SAMPLES)
def test_every_planted_fault_changes_what_the_function_does(name):
    sample = SAMPLES[name]
    right = source(sample.unit.path)
    expected = behaviour(right, sample)
    for fault in sample.faults:
        assert right[fault.start : fault.start + len(fault.written)] == fault.written
        wrong = right[: fault.start] + fault.replacement + right[fault.start + len(fault.written) :]
        ast.parse(wrong)
        assert behaviour(wrong, sample) != expected, fault
        assert sample.planted(fault).text in wrong
        assert sample.lines(fault)


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("orchard.crates_per_row", ({1: 50.0, 2: 0, 3: 20.0}, 20.0), {1: 3, 3: 1}),
        ("orchard.irrigation_minutes", ([0.25, 0.5, 0.0], 0.5, 0.0125), [20, 0, 40]),
        ("orchard.ripest_trees", ({"a": 12, "b": 15, "c": 9}, 2), ["b", "a"]),
        ("orchard.frost_nights", ([1, -1, 2, -3, 0],), (1, 3)),
        ("ferry.assign_lanes", ([4, 5, 3, 6], 10, 2), [[0, 1], [2, 3]]),
        ("ferry.trim_angle", ([1.0], [9.0], 2), 4.0),
        ("ferry.next_departure", ([60, 90], 55), 90),
        ("ferry.fare", (40, True, True), 2160),
        ("radio.frame_check", (b"\x01\x02",), 2 ^ 1 ^ 4),
        ("radio.split_frames", (b"~ab~~cd~",), [b"ab", b"cd"]),
        ("radio.best_relay", ({"a": -50, "b": -40, "c": -95}, ["b"]), "a"),
        ("radio.retry_delays", (4, 100, 500), [100, 200, 400, 500]),
        ("library.late_fee", (5, 100), 300),
        ("library.waiting_position", (["a", "b", "c"], "c", 2), 1),
        ("weaving.mirror_pattern", (["abc", ""],), ["abcba", ""]),
        ("weaving.longest_float", ("..#...#.",), 3),
        ("weaving.thread_lengths", (["ab"], 10.0, 0.0), {"a": 5.0, "b": 5.0}),
        ("weaving.repeats_evenly", (20, 4, 2), True),
        ("caves.passage_length", ([("a", "b", 3.0), ("b", "-", 2.0)],), 3.0),
        ("caves.reachable", ({"a": ["b", "c"], "b": ["d"]}, "a", {"c"}), {"a", "b", "d"}),
        ("caves.depth_below", ({"a": 100.0, "b": 70.0}, "a"), ("b", 30.0)),
        ("caves.close_loop", ([1.0, -0.5], 1.0), [0.75, -0.75]),
        ("bakery.oven_batches", ([("rye", 3)], 2), [["rye", "rye"], ["rye"]]),
        ("bakery.scale_recipe", ({"flour": 500, "salt": 10.04}, 6, 4), {"flour": 750.0, "salt": 15.1}),
        ("bakery.leftover_price", (1000, 8), 750),
        ("bakery.merge_shifts", ([(2, 5), (1, 3)],), [(1, 5)]),
    ],
)
def test_the_functions_are_right(name, arguments, expected):
    file, function = name.split(".")
    module = importlib.import_module(f"sutazai.review.bench_data.{file}")
    assert getattr(module, function)(*arguments) == expected


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_examples_run_through_every_function(name):
    file, function = name.split(".")
    module = importlib.import_module(f"sutazai.review.bench_data.{file}")
    if function == "ToolShelf":
        assert shelf(module.ToolShelf)
        return
    for arguments, keywords in [(args, {}) for args in EXAMPLES[name]] + KEYWORDS.get(name, []):
        try:
            getattr(module, function)(*copy.deepcopy(arguments), **keywords)
        except ValueError:
            assert function in {"thread_lengths", "scale_recipe"}


def test_there_are_functions_and_faults_enough_to_measure_with():
    assert len(SAMPLES) >= 24
    assert len({fault.kind for each in SAMPLES.values() for fault in each.faults}) >= 12
