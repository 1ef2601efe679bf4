"""The model's part of a review: unit by unit, riskiest first, within a time limit, unchanged units from the cache.

Whatever goes wrong with the model ends here as coverage: a review without a model is still a review.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from pydantic import ValidationError

from sutazai.errors.models import ModelError
from sutazai.review.recipes.result import UnitResult
from sutazai.review.recipes.run import RECIPES_VERSION, allowed_recipes, review_unit
from sutazai.review.report import ModelUsed, Outcome, UnitCoverage
from sutazai.sdk.chat import ModelInfo
from sutazai.sdk.finding import Finding
from sutazai.sdk.ports import Cache, ChatModel
from sutazai.sdk.profile import ModelProfile
from sutazai.sdk.source import Unit

_FAILURES_IN_A_ROW: Final = 3


@dataclass(frozen=True, slots=True)
class Task:
    """One unit and the static findings inside it that a model may weigh."""

    unit: Unit
    candidates: tuple[Finding, ...] = ()

    def risk(self) -> tuple[int, float, int]:
        """Sorts the riskiest first: candidates inside, their severity, then branches."""
        worst = min((each.severity.rank for each in self.candidates), default=9)
        return (-len(self.candidates), worst, -self.unit.complexity)


@dataclass(slots=True)
class ModelPart:
    """What the model said, and what it did not get to."""

    units: int = 0
    results: list[tuple[Task, UnitResult]] = field(default_factory=list)
    not_reviewed: list[UnitCoverage] = field(default_factory=list)
    reviewed: int = 0
    cached: int = 0
    used: ModelUsed | None = None
    notice: str = ""


class Interviewer:
    """Asks one model about many units.

    Args:
        limit_s: seconds of model time, loading included; 0: no limit.
        done: is called after each unit with its result, those from the cache included, in the order of work.
    """

    def __init__(
        self,
        chat: ChatModel,
        profile: ModelProfile,
        *,
        cache: Cache | None,
        limit_s: float,
        done: Callable[[Task, UnitResult, int, int], None],
    ) -> None:
        self._chat = chat
        self._profile = profile
        self._cache = cache
        self._limit_s = limit_s
        self._done = done
        self._failures = 0
        self.part = ModelPart()

    async def ask(self, tasks: Sequence[Task]) -> ModelPart:
        """Everything the model says about the units of `tasks`."""
        part, info = self.part, self._chat.info
        part.units = len(tasks)
        recipes = allowed_recipes(self._profile, info)
        part.used = ModelUsed(
            name=info.name, runtime=info.runtime, digest=info.digest, why=info.why, recipes=tuple(recipes)
        )
        if not recipes:
            part.notice = _not_trusted(info)
            return part
        left = await self._from_cache(sorted(tasks, key=Task.risk))
        try:
            async with asyncio.timeout(self._limit_s or None) as limit:
                await self._fresh(left)
        except TimeoutError:
            if not limit.expired():
                raise
            self._leave(left, "out_of_time", f"the time limit of {self._limit_s:g} s was reached")
        except ModelError as error:
            part.notice = error.message
            self._leave(left, "failed", error.message)
        return part

    async def _from_cache(self, tasks: Sequence[Task]) -> list[Task]:
        if self._cache is None:
            return list(tasks)
        keys = [self._key(task) for task in tasks]
        known = await self._cache.get_many(keys)
        left = []
        for task, key in zip(tasks, keys, strict=True):
            result = _parsed(known.get(key, ""))
            if result is None:
                left.append(task)
            else:
                self.part.cached += 1
                self._keep(task, result)
        return left

    async def _fresh(self, left: list[Task]) -> None:
        """Works `left` off from its front, so that what stays in it was not reviewed."""
        if not left:
            return
        await self._chat.open()
        if not allowed_recipes(self._profile, self._chat.info):
            # Only an opened model knows whether its runtime reports log-probabilities.
            self.part.notice = _not_trusted(self._chat.info)
            self._leave(left, "skipped", self.part.notice)
        while left:
            result = await self._one(left[0])
            task = left.pop(0)
            self._tell(task, result)
            if self._failures == _FAILURES_IN_A_ROW:
                self._leave(left, "failed", f"the model failed {_FAILURES_IN_A_ROW} times in a row: {result.failure}")
                return

    async def _one(self, task: Task) -> UnitResult:
        try:
            result = await review_unit(task.unit, task.candidates, self._chat, self._profile)
        except ModelError as error:
            result = UnitResult(failure=error.message)
        except Exception as error:  # noqa: BLE001 (one odd reply must not cost the whole review; the report names it)
            result = UnitResult(failure=f"internal error: {type(error).__name__}: {error}")
        self._failures = self._failures + 1 if result.failure else 0
        if self._cache is not None and not (result.failure or result.truncated):
            await self._cache.put(self._key(task), result.model_dump_json())
        return result

    def _tell(self, task: Task, result: UnitResult) -> None:
        part = self.part
        assert part.used is not None  # noqa: S101 (set before any unit is asked)
        part.used = part.used.model_copy(
            update={
                "calls": part.used.calls + result.calls,
                "prompt_tokens": part.used.prompt_tokens + result.prompt_tokens,
                "completion_tokens": part.used.completion_tokens + result.completion_tokens,
            }
        )
        if result.failure:
            self._miss(task, "failed", result.failure)
        elif result.truncated:
            self._miss(task, "truncated", "the model did not see or finish all of it")
        else:
            part.reviewed += 1
        self._keep(task, result)

    def _keep(self, task: Task, result: UnitResult) -> None:
        self.part.results.append((task, result))
        self._done(task, result, len(self.part.results), self.part.units)

    def _leave(self, left: list[Task], outcome: Outcome, reason: str) -> None:
        for task in left:
            self._miss(task, outcome, reason)
        left.clear()

    def _miss(self, task: Task, outcome: Outcome, reason: str) -> None:
        unit = task.unit
        self.part.not_reviewed.append(
            UnitCoverage(
                path=unit.path,
                symbol=unit.symbol,
                start_line=unit.start_line,
                end_line=unit.end_line,
                outcome=outcome,
                reason=reason,
            )
        )

    def _key(self, task: Task) -> str:
        info, unit = self._chat.info, task.unit
        candidates = ",".join(each.fingerprint for each in task.candidates)
        profile = self._profile.model_dump_json()
        parts = (info.runtime, info.name, info.digest, RECIPES_VERSION, profile, unit.language, unit.context, unit.text)
        lines = "all" if unit.changed is None else ",".join(map(str, sorted(unit.changed)))
        before = "\0".join(f"{at}:{line}" for at, line in sorted(unit.before.items()))
        text = "\0".join((*parts, unit.symbol, candidates, lines, before))
        return "unit:" + hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _not_trusted(info: ModelInfo) -> str:
    if not info.logprobs:
        return f"{info.runtime} reports no log-probabilities for {info.name}: update it, or use the embedded runtime"
    return f"no recipe is allowed for {info.name}: measure it with `sutazai models bench --review --save`"


def _parsed(text: str) -> UnitResult | None:
    if not text:
        return None
    try:
        return UnitResult.model_validate_json(text)
    except ValidationError:
        return None
