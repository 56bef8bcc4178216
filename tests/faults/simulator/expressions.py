"""DynamoDB's expressions, as far as the adapters speak them: each is compiled once and asked often.

Anything else raises, so that a new word in an adapter is first understood here, and compared with the emulation.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

Attribute = Mapping[str, Any]  # {"S": "text"}, {"N": "1"}, ...
Item = Mapping[str, Attribute]
Names = tuple[tuple[str, str], ...]  # what #name stands for
Condition = Callable[[Item, Item], bool]  # of an item and the values; an item that is not there is empty
Operand = Callable[[Item, Item], Attribute | None]
Update = Callable[[Item, Item], dict[str, Attribute]]  # the item as it will be

TOKENS = re.compile(r"\s*([:#]?\w+|<=|>=|<>|[=<>(),+])")
COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "<>": ne, "<": lt, "<=": le, ">": gt, ">=": ge}
CLAUSES = ("SET", "REMOVE", "ADD")


@cache
def condition(text: str, names: Names) -> Condition:
    """A condition, or the condition of a key. Raises ValueError for what it does not know."""
    parser = _Parser(_tokens(text), dict(names))
    found = parser.either()
    parser.end()
    return found


@cache
def update(text: str, names: Names) -> Update:
    """What an update makes of an item. Raises ValueError for what it does not know."""
    parser = _Parser(_tokens(text), dict(names))
    steps = parser.clauses()
    parser.end()

    def updated(item: Item, values: Item) -> dict[str, Attribute]:
        changed = dict(item)
        for name, of in steps:
            value = of(item, values)  # as it was before any of the steps
            changed.pop(name, None)
            if value is not None:
                changed[name] = value
        return changed

    return updated


def plain(attribute: Attribute | None) -> tuple[str, Any]:
    """Kind and value, which compare as DynamoDB compares them."""
    if attribute is None:
        return "", None
    ((kind, value),) = attribute.items()
    return kind, Decimal(value) if kind == "N" else value


def _tokens(text: str) -> list[str]:
    found = TOKENS.findall(text)
    if "".join(found) != "".join(text.split()):
        raise ValueError(f"not an expression: {text!r}")
    return found


@dataclass
class _Parser:
    tokens: list[str]
    names: dict[str, str]

    def end(self) -> None:
        if self.tokens:
            raise ValueError(f"not understood: {' '.join(self.tokens)!r}")

    def _next(self, *expected: str) -> str:
        token = self.tokens.pop(0) if self.tokens else ""
        if expected and token not in expected:
            raise ValueError(f"{token!r} instead of {' or '.join(expected)}")
        return token

    def _takes(self, token: str) -> bool:
        if self.tokens[:1] == [token]:
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Condition:
        found = [self._both()]
        while self._takes("OR"):
            found.append(self._both())
        return lambda item, values: any(each(item, values) for each in found)

    def _both(self) -> Condition:
        found = [self._test()]
        while self._takes("AND"):
            found.append(self._test())
        return lambda item, values: all(each(item, values) for each in found)

    def _test(self) -> Condition:
        if self._takes("("):
            inner = self.either()
            self._next(")")
            return inner
        match self.tokens[0]:
            case "attribute_exists":
                name = self._call_of_name()
                return lambda item, _values: name in item
            case "attribute_not_exists":
                name = self._call_of_name()
                return lambda item, _values: name not in item
            case "begins_with":
                return self._begins_with()
        return self._comparison(self._operand())

    def _call_of_name(self) -> str:
        self._next()
        self._next("(")
        name = self._name()
        self._next(")")
        return name

    def _begins_with(self) -> Condition:
        self._next()
        self._next("(")
        text = self._operand()
        self._next(",")
        prefix = self._operand()
        self._next(")")
        return lambda item, values: str(plain(text(item, values))[1]).startswith(plain(prefix(item, values))[1])

    def _comparison(self, left: Operand) -> Condition:
        word = self._next(*COMPARISONS, "IN", "BETWEEN")
        if word == "IN":
            return self._one_of(left)
        if word == "BETWEEN":
            low = self._operand()
            self._next("AND")
            high = self._operand()
            return lambda item, values: (
                _compared(ge, left(item, values), low(item, values))
                and _compared(le, left(item, values), high(item, values))
            )
        right = self._operand()
        return lambda item, values: _compared(COMPARISONS[word], left(item, values), right(item, values))

    def _one_of(self, left: Operand) -> Condition:
        self._next("(")
        found = [self._operand()]
        while self._next(",", ")") == ",":
            found.append(self._operand())
        return lambda item, values: any(_compared(eq, left(item, values), each(item, values)) for each in found)

    def clauses(self) -> list[tuple[str, Operand]]:
        """Which attribute is to be what."""
        steps, clause = [], ""
        while self.tokens:
            if self.tokens[0] in CLAUSES:
                clause = self._next()
            elif self.tokens[0] == ",":
                self._next()
            steps.append(self._step(clause))
        return steps

    def _step(self, clause: str) -> tuple[str, Operand]:
        name = self._name()
        if clause == "SET":
            self._next("=")
            return name, self._operand()
        if clause == "ADD":
            added = self._operand()
            return name, lambda item, values: _sum(item.get(name, {"N": "0"}), added(item, values))
        return name, lambda _item, _values: None

    def _operand(self) -> Operand:
        token = self.tokens[0]
        if token == "size":
            name = self._call_of_name()
            return lambda item, _values: {"N": str(len(plain(item[name])[1]))} if name in item else None
        if token == "list_append":
            return self._list_append()
        if token[0] == ":":
            self._next()
            return lambda _item, values: values[token]
        name = self._name()
        return lambda item, _values: item.get(name)

    def _list_append(self) -> Operand:
        self._next()
        self._next("(")
        first = self._operand()
        self._next(",")
        second = self._operand()
        self._next(")")
        return lambda item, values: {"L": [*plain(first(item, values))[1], *plain(second(item, values))[1]]}

    def _name(self) -> str:
        token = self._next()
        if not token.lstrip("#").isidentifier() or token in CLAUSES:
            raise ValueError(f"{token!r} is no name")
        return self.names[token] if token[0] == "#" else token


def _compared(test: Callable[[Any, Any], bool], left: Attribute | None, right: Attribute | None) -> bool:
    """What is not there equals nothing, and differs from everything; kinds are never compared with each other."""
    (left_kind, first), (right_kind, second) = plain(left), plain(right)
    if not left_kind or left_kind != right_kind:
        return test is ne
    return test(first, second)


def _sum(first: Attribute, second: Attribute | None) -> Attribute:
    return {"N": str(plain(first)[1] + plain(second)[1])}
