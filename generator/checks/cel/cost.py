"""What an expression costs while it runs, so that none runs wild: the API server's limits and, nearly, its prices.

Source: ``PerCallLimit`` and ``RuntimeCELCostBudget`` of k8s.io/apiserver (pkg/apis/cel/config.go), the prices of
``interpreter/runtimecost.go`` of cel-go and of k8s.io/apiserver's ``pkg/cel/library/cost.go``. What a rule costs
outside its loops is bounded by its length, so only loops and what grows with a value are counted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generator.checks.cel.parser import Node

PER_CALL = 1_000_000
PER_OBJECT = 10_000_000
BUDGET = "#"
"""Where the budget is among the variables; no name in an expression can be this."""
ROUND = 3
"""What a loop itself costs with each item."""
_PRICES = {"literal": 0, "list": 10, "map": 30, "choice": 0}
_FREE = ("&&", "||")
_A_CHARACTER = 0.1
"""``StringTraversalCostFactor`` of cel-go's ``common/cost.go``."""
LONGEST = 16 << 20
"""Characters, or items, of a value that an expression makes; no request is larger than 3 MiB."""


class CostError(Exception):
    """An expression costs more than it may; nothing in it can catch this."""


class Budget:
    """What the rules of one object may cost."""

    __slots__ = ("_call", "_object")

    def __init__(self) -> None:
        self._object: float = PER_OBJECT
        self._call: float = PER_CALL

    def begin(self) -> None:
        """One more expression begins.

        Raises:
            CostError: The object has no more to spend.
        """
        if self._object < 0:
            raise CostError("running out of cost budget")
        self._call = PER_CALL

    def spend(self, cost: float) -> None:
        """Take something off.

        Raises:
            CostError: It is more than there is.
        """
        self._call -= cost
        self._object -= cost
        if self._call < 0:
            raise CostError("operation cancelled: actual cost limit exceeded")


def cost_of(node: Node) -> int:
    """What a node costs each time, without what it runs often."""
    price = 0 if node.kind == "binary" and node.value in _FREE else _PRICES.get(node.kind, 1)
    return price + sum(cost_of(part) for part in node.parts if part is not None)


def size_of(value: Any) -> float:
    """What going once over a value costs."""
    if isinstance(value, (str, bytes)):
        return len(value) * _A_CHARACTER
    if not isinstance(value, (list, dict)):
        return 0
    cost, waiting = 0.0, [value]
    while waiting:
        one = waiting.pop()
        cost += len(one)
        if cost > PER_CALL:
            break
        waiting += [each for each in (one.values() if isinstance(one, dict) else one) if isinstance(each, (list, dict))]
    return cost
