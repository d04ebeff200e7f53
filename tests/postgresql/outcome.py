"""What is compared: contents and answers, where generated values may be renamed."""

import itertools
import json
from collections.abc import Iterator
from typing import Any, NamedTuple


class Generated(NamedTuple):
    """A value drawn from a generator: a sequence."""

    generator: int
    number: int


class Bag(list):
    """Values without an order."""


def _generated_in(value: Any) -> Iterator[Generated]:
    if isinstance(value, Generated):
        yield value
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _generated_in(part)


def _renamings(values: set[Generated]) -> Iterator[dict[Generated, str]]:
    """Yield all one-to-one renamings, of each generator's values among themselves."""
    families = [
        list(family)
        for _, family in itertools.groupby(sorted(values), key=lambda value: value.generator)
    ]
    orders = itertools.product(*(itertools.permutations(family) for family in families))
    for order in orders:
        yield {
            value: f"generated {value.generator}.{rank}"
            for family in order
            for rank, value in enumerate(family)
        }


def _plain(value: Any, names: dict[Generated, str]) -> Any:
    if isinstance(value, Generated):
        return names[value]
    if isinstance(value, (list, tuple)):
        parts = [_plain(part, names) for part in value]
        return sorted(parts, key=json.dumps) if isinstance(value, Bag) else parts
    return value


def canonical(outcome: Any) -> str:
    """Name an outcome: two have one name if and only if a renaming makes them equal."""
    values = set(_generated_in(outcome))
    return min(json.dumps(_plain(outcome, names)) for names in _renamings(values))
