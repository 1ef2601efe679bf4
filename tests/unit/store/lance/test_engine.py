"""What LanceDB says, in our words, and what is tried again."""

import pytest

from sutazai.errors.knowledge import CollectionBroken, CollectionMissing, CollectionUnwritable
from sutazai.store.lance.engine import persistently, told


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RuntimeError("lance error: LanceError(IO): Generic: No space left on device (os error 28), /root/x.rs:1"), 1),
        (OSError(13, "Permission denied"), 1),
        (RuntimeError("lance error: file is truncated, /root/.cargo/x.rs:2:3"), 0),
        (ValueError("Table 'x' was\nnot found"), 0),
    ],
)
def test_an_error_is_told_in_our_words(error, kind):
    with pytest.raises((CollectionBroken, CollectionUnwritable)) as caught, told("c"):
        raise error
    assert type(caught.value) is (CollectionBroken, CollectionUnwritable)[kind]
    assert ".rs" not in caught.value.message
    assert "lance error" not in caught.value.message
    assert "LanceError" not in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("error", [CollectionMissing("c"), AssertionError("x"), TypeError("x"), KeyError("x")])
def test_what_has_words_of_its_own_or_is_our_mistake_goes_through(error):
    with pytest.raises(type(error)) as caught, told("c"):
        raise error
    assert caught.value is error


async def test_a_commit_that_lost_against_another_is_tried_again():
    tries = []

    async def work():
        tries.append(1)
        if len(tries) < 3:
            raise RuntimeError("Retryable commit conflict for version 5")
        return "done"

    assert await persistently(work) == "done"
    assert len(tries) == 3


@pytest.mark.parametrize(("message", "count"), [("Commit conflict", 5), ("file not found", 1)])
async def test_what_never_works_ends(message, count):
    tries = []

    async def work():
        tries.append(1)
        raise RuntimeError(message)

    with pytest.raises(RuntimeError, match=message):
        await persistently(work)
    assert len(tries) == count
