"""How much memory a model will take."""

import pytest

from sutazai.llm.memory import memory_needed

MIB = 2**20


@pytest.mark.parametrize(("file_mib", "context", "measured_mib"), [(1066, 4096, 1292), (94, 4096, 287)])
def test_the_estimate_is_over_what_was_measured_and_not_far_over(
    file_mib: int, context: int, measured_mib: int
) -> None:
    """Peaks of the child on Linux: Qwen2.5-Coder 1.5 B Q4_K_M and SmolLM2 135 M."""
    assert measured_mib <= memory_needed(file_mib * MIB, context) // MIB <= measured_mib * 1.5


def test_each_slot_has_a_context_of_its_own() -> None:
    """And a larger model a dearer one."""
    assert memory_needed(0, 1000, slots=3) - memory_needed(0, 1000, slots=1) == 2 * 1000 * 32 * 1024
    assert memory_needed(5000 * MIB, 1000, 2) - memory_needed(5000 * MIB, 1000, 1) > 100 * MIB
