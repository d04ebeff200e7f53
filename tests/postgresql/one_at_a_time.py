"""The one-at-a-time rule: is there a sequence of the operations that explains the outcome?

The operations that were not told `failed` are run one at a time, alone, from the same start. An
execution is right if such a sequence ends with the same contents and gives everyone the same
answers.

- An operation that was answered before another was issued stands before it.
- The clock moves between two transactions: after what was answered when it moved, before what was
  issued afterwards.
- A statement that passes over locked rows finds locked either nothing, or what it found locked in
  the execution.
"""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from operation import Name, Operation
from order import Execution
from outcome import canonical
from scenario import Fleet
from session import Session
from tables import Locked, Tables


@dataclass(frozen=True)
class _Sequence:
    """One way to run operations one at a time."""

    names: tuple[Name, ...]
    found_locked: tuple[tuple[Name, tuple[Locked | None, ...]], ...]
    # From which operation's which transaction on the clock has moved.
    clock_moves: tuple[int, int] | None


class Judge:
    """Judges executions of one fleet; what a sequence gives is remembered."""

    def __init__(self, fleet: Fleet, tables: Tables, session: Session) -> None:
        self._fleet = fleet
        self._tables = tables
        self._session = session
        self._known: dict[_Sequence, str] = {}

    def outcome(self, operations: list[Operation]) -> str:
        """Say what is there now, and what was told of the operations that were answered."""
        answered = [operation for operation in operations if operation.told != "failed"]
        told = [self._tables.answers(o) for o in sorted(answered, key=lambda o: o.name)]
        return canonical([self._tables.contents(), told])

    def explains(self, execution: Execution, outcome: str) -> bool:
        """Ask whether a sequence ends like this execution."""
        return any(outcome == self._run_once(way) for way in self._sequences(execution))

    def _sequences(self, execution: Execution) -> Iterator[_Sequence]:
        operations = [o for o in execution.operations if o.told != "failed"]
        found = [
            [(o.name, ways) for ways in itertools.product(*({None, f} for f in o.found_locked))]
            for o in operations
            if any(o.found_locked)
        ]
        for names in itertools.permutations(operation.name for operation in operations):
            if any((b, a) in execution.before for a, b in itertools.combinations(names, 2)):
                continue
            for found_locked in itertools.product(*found):
                for clock_moves in self._clock_moves(execution, names):
                    yield _Sequence(names, found_locked, clock_moves)

    def _clock_moves(
        self, execution: Execution, names: tuple[Name, ...]
    ) -> Iterator[tuple[int, int] | None]:
        """List when the clock may move in the sequence."""
        if not execution.clock_moved:
            yield None
            return
        answered, issued = execution.clock_moved
        for place in range(len(names) + 1):
            if issued.issuperset(names[:place]) and answered.isdisjoint(names[place:]):
                yield place, 0
                if place < len(names) and names[place] in issued:
                    client, number = names[place]
                    transactions = self._fleet.sequences[client][number].transactions
                    yield from ((place, transaction) for transaction in range(1, transactions))

    def _run_once(self, sequence: _Sequence) -> str:
        if sequence not in self._known:
            self._known[sequence] = self._run(sequence)
        return self._known[sequence]

    def _run(self, sequence: _Sequence) -> str:
        self._tables.reset()
        memories: dict[int, dict] = {}
        operations = []
        for place, name in enumerate(sequence.names):
            memory = memories.setdefault(name[0], {})
            operation = Operation(self._fleet, name, memory, self._tables.evaluate)
            self._run_alone(operation, place, sequence)
            if operation.told == "ok":
                memory |= operation.reply
            operations.append(operation)
        return self.outcome(operations)

    def _run_alone(self, operation: Operation, place: int, sequence: _Sequence) -> None:
        locked = iter(dict(sequence.found_locked).get(operation.name, ()))
        transactions = 0
        clock_seconds = 0
        steps = operation.steps()
        answer = None
        while True:
            try:
                step = steps.send(answer)
            except StopIteration:
                self._session.end()
                return
            if step.statement is None:
                continue
            if not self._session.in_transaction:
                if sequence.clock_moves and (place, transactions) >= sequence.clock_moves:
                    clock_seconds = self._fleet.scenario.time_passes_by
                transactions += 1
            rows = next(locked, None) if step.statement.passes_over_locks else None
            if rows:
                self._tables.lock(rows)
            answer = self._session.ask(step, clock_seconds)
            if rows:
                self._tables.unlock()
