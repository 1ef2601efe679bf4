"""Loans of a lending library for tools."""

from collections.abc import Mapping, Sequence


class ToolShelf:
    """Tools that can be lent and brought back."""

    def __init__(self, stock: Mapping[str, int], limit: int = 3) -> None:
        self.stock = dict(stock)
        self.limit = limit
        self.loans: dict[str, list[str]] = {}

    def lend(self, member: str, tool: str) -> bool:
        """Lends a tool if one is left and the member has not reached the limit."""
        held = self.loans.setdefault(member, [])
        if len(held) >= self.limit or self.stock.get(tool, 0) == 0:
            return False
        self.stock[tool] -= 1
        held.append(tool)
        return True

    def give_back(self, member: str, tool: str) -> bool:
        """Takes a tool back; False if the member does not have it."""
        held = self.loans.get(member, [])
        if tool not in held:
            return False
        held.remove(tool)
        self.stock[tool] = self.stock.get(tool, 0) + 1
        if not held:
            del self.loans[member]
        return True


def late_fee(days: int, daily_cents: int, *, is_student: bool = False, grace: int = 2) -> int:
    """The fee for a tool brought back late; the days of grace are free, students pay half."""
    charged = days - grace
    if charged <= 0:
        return 0
    fee = charged * daily_cents
    if is_student:
        fee //= 2
    return min(fee, 5000)


def waiting_position(queue: Sequence[str], member: str, copies: int) -> int | None:
    """Rounds until the member's turn: 0 is the next round; None if the member does not wait."""
    if member not in queue or copies <= 0:
        return None
    ahead = queue.index(member)
    return ahead // copies
