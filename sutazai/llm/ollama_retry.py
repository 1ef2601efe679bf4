"""When a failed request to Ollama is worth asking again, and after how long. Pure but for the pause itself."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from sutazai.errors.models import ModelError
from sutazai.errors.ollama import OllamaBusy, OllamaRunnerStopped, OllamaUnreachable


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off with full jitter (Brooker 2015, "Exponential backoff and jitter").

    Attributes:
        attempts: how often a full queue or a refused connection is asked in all.
        first_s: upper bound of the first pause; it doubles each time.
        most_s: upper bound of any pause.
        sleep: waits; injected by tests.
        draw: a number in 0..1; injected by tests.
    """

    attempts: int = 4
    first_s: float = 0.5
    most_s: float = 8.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    draw: Callable[[], float] = random.random


@dataclass(slots=True)
class Retries:
    """What one request has been allowed so far."""

    backoff: Backoff
    _waited: int = field(default=0, init=False)
    _restarted: bool = field(default=False, init=False)

    async def again(self, error: ModelError) -> bool:
        """Whether to ask again after this error; waits before it says yes."""
        if isinstance(error, OllamaRunnerStopped):
            # The server starts a new runner at once; a second death is no accident.
            allowed, self._restarted = not self._restarted, True
            return allowed
        if not isinstance(error, OllamaBusy | OllamaUnreachable) or self._waited + 1 >= self.backoff.attempts:
            return False
        longest = min(self.backoff.first_s * 2**self._waited, self.backoff.most_s)
        self._waited += 1
        await self.backoff.sleep(longest * self.backoff.draw())
        return True
