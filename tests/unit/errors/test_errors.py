"""Errors carry what every face needs, and the exit codes win in the order of the contracts."""

import inspect
import pkgutil
from importlib import import_module

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sutazai.errors
from sutazai.errors import files, models, review
from sutazai.errors.base import PRECEDENCE, ExitCode, SutazAIError, worst
from sutazai.errors.files import TargetUnreadable
from sutazai.errors.usage import InvalidSetting, UnknownCapability, UnknownSetting, UsageError, nearest
from sutazai.errors.workspace import NothingReadable


def _classes() -> list[type[SutazAIError]]:
    modules = [import_module(f"sutazai.errors.{each.name}") for each in pkgutil.iter_modules(sutazai.errors.__path__)]
    found = {each for module in modules for _, each in inspect.getmembers(module, inspect.isclass)}
    return sorted((each for each in found if issubclass(each, SutazAIError)), key=lambda each: each.__name__)


def _argument(annotation: str) -> object:
    if "sutazai.errors" in annotation:
        return [SutazAIError("a cause")]
    if "Sequence" in annotation:
        return ["one", "two"]
    return 7 if "int" in annotation else 1.5 if "float" in annotation else "word"


def _made(error: type[SutazAIError]) -> SutazAIError:
    parameters = list(inspect.signature(error.__init__).parameters.values())[1:]
    return error(**{each.name: _argument(str(each.annotation)) for each in parameters})


@pytest.mark.parametrize("error", _classes(), ids=lambda each: each.__name__)
def test_every_error_has_a_message_without_full_stop_a_status_and_an_exit_code(error):
    made = _made(error)
    assert made.message
    assert not made.message.endswith(".")
    assert str(made) == made.message
    assert 400 <= made.status < 600
    assert made.exit_code in set(ExitCode) - {ExitCode.CLEAN, ExitCode.FINDINGS}
    assert not made.hint.endswith(".") or made.hint.endswith("...")


def test_no_two_errors_share_a_problem_type():
    names = [each.problem_type() for each in _classes()]
    assert len(names) == len(set(names))


def test_a_problem_type_is_the_class_name_in_lower_case_with_hyphens():
    assert UnknownCapability.problem_type() == "unknown-capability"
    assert SutazAIError.problem_type() == "sutaz-ai-error"
    assert models.PromptTooLong.problem_type() == "prompt-too-long"


def test_the_most_telling_exit_code_wins():
    order = [130, 143, 2, 70, 1, 4, 5, 3, 0]
    assert [int(each) for each in PRECEDENCE] == order
    for at, code in enumerate(order):
        assert worst({ExitCode(each) for each in order[at:]}) == code


def test_nothing_to_tell_is_a_clean_end():
    assert worst(set()) is ExitCode.CLEAN


@given(st.sets(st.sampled_from(list(ExitCode)), min_size=1))
def test_the_worst_code_is_always_one_of_those_given(codes):
    assert worst(codes) in codes


def test_a_hint_names_the_nearest_name():
    assert nearest("code.reviev", ["code.review", "code.fix"]) == "did you mean 'code.review'?"


def test_a_hint_lists_names_in_order_where_none_is_near():
    assert nearest("zzz", ["b", "a"]) == "known: a, b"
    assert nearest("zzz", [f"a{n:02}" for n in range(30)]).endswith("a22, a23, …"), "what is left out is not hidden"


def test_a_hint_says_so_where_there_is_nothing_to_name():
    assert nearest("zzz", []) == "there are none"


def test_a_key_of_a_whole_file_is_cut_in_its_message():
    error = UnknownSetting("k" * 100_000, "sutazai.toml", ["offline"])
    assert len(error.message) < 200


def test_usage_errors_end_with_the_code_for_usage():
    assert isinstance(InvalidSetting("a", "b", "c"), UsageError)
    assert review.BaselineMissing("x").exit_code == 2
    assert files.TargetMissing("x").exit_code == 4
    assert models.ModelUnavailable("m", ["a"]).exit_code == 3


def test_a_file_that_is_too_large_leads_to_the_setting_that_says_so():
    assert "review.max_file_bytes" in (NothingReadable(["big.py: larger than 1000000 bytes"]).hint or "")
    assert "review.max_file_bytes" not in (NothingReadable(["b.bin: binary file"]).hint or "")


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("permission denied", "chmod"),
        ("binary file", "leave it out"),
        ("not UTF-8 (at byte 3)", "UTF-8"),
        ("it does not exist", "check the path"),
        ("nothing matches it", "pattern"),
        ("it is a pipe", "regular file"),
        ("something odd", "check what is at the path"),
    ],
)
def test_a_file_that_cannot_be_read_leads_to_a_step_that_helps_with_its_reason(reason, step):
    assert step in TargetUnreadable("a", reason).hint
    assert step in NothingReadable([f"a: {reason}"]).hint


def test_several_reasons_have_each_step_once():
    hint = NothingReadable(["a: binary file", "b: permission denied", "c: binary file"]).hint
    assert hint.count("leave it out") == 1
    assert "chmod" in hint
