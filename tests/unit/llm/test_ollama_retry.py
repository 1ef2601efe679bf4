"""A busy server is asked again with growing pauses, a crashed one once, a refusal never."""

import pytest

from sutazai.errors.models import ModelError, PromptTooLong
from sutazai.errors.ollama import (
    OllamaBusy,
    OllamaModelMissing,
    OllamaRequestRefused,
    OllamaRunnerStopped,
    OllamaUnreachable,
)
from sutazai.llm.ollama_retry import Backoff, Retries


def retries(pauses: list[float], **settings: float) -> Retries:
    async def sleep(seconds: float) -> None:
        pauses.append(seconds)

    return Retries(Backoff(sleep=sleep, draw=lambda: 0.5, **settings))  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [OllamaBusy("box"), OllamaUnreachable("box", "refused")])
async def test_pauses_grow_up_to_a_bound_and_end(error: ModelError) -> None:
    pauses: list[float] = []
    patience = retries(pauses, attempts=5, first_s=1.0, most_s=3.0)
    assert [await patience.again(error) for _ in range(6)] == [True] * 4 + [False] * 2
    assert pauses == [0.5, 1.0, 1.5, 1.5]


async def test_a_crashed_runner_is_asked_once_more_without_a_pause() -> None:
    pauses: list[float] = []
    patience = retries(pauses)
    assert [await patience.again(OllamaRunnerStopped("m", "")) for _ in range(3)] == [True, False, False]
    assert not pauses


@pytest.mark.parametrize("error", [OllamaRequestRefused("m", "no"), PromptTooLong("m", 9, 8), OllamaModelMissing("m")])
async def test_what_would_fail_again_is_not_asked_again(error: ModelError) -> None:
    assert not await retries([]).again(error)


def test_the_default_pauses_are_drawn_at_random() -> None:
    assert Backoff().draw() != Backoff().draw()
