"""One execution in a given order of steps.

An order is a list of tokens: "A" and "B" let that client take its next step, "T" moves the clock,
and "(A ended)" has the server end A's statement when both wait for each other. A client that waits
for a lock takes no step; it goes on within the step that releases it.
"""

import time
from dataclasses import dataclass, field

from libpq import Answer, Connection
from operation import Name, Operation
from scenario import Fleet
from session import Session
from tables import Tables

CLOCK = "T"
_DEADLOCK_ENDS = ["(A ended)", "(B ended)"]
# A statement looks for a deadlock once, this long after it began to wait. If the circle was not
# closed by then, on a slow machine, the order is run again with more patience. The other client
# never looks.
_PATIENCE_MS = (120, 360, 1_200)
_NEVER_MS = 60_000
# A statement without an answer after so long may wait for a lock: the server is asked.
_ANSWER_SECONDS = 0.0012


class StuckError(Exception):
    """Nobody looked for the deadlock after its circle was closed."""


@dataclass
class Execution:
    """What happened in one order."""

    tokens: list[str] = field(default_factory=list)
    alternatives: list[list[str]] = field(default_factory=list)  # what each token was chosen from
    operations: list[Operation] = field(default_factory=list)
    answered: list[Name] = field(default_factory=list)
    # Pairs: the first was answered before the second was issued.
    before: set[tuple[Name, Name]] = field(default_factory=set)
    # What was answered, and what was issued, when the clock moved.
    clock_moved: tuple[set[Name], set[Name]] | None = None


class _Client:
    """One client and its handler: an operation after the other, a step after the other."""

    def __init__(self, number: int, fleet: Fleet, session: Session, tables: Tables) -> None:
        self.token = "AB"[number]
        self.session = session
        self.is_waiting = False
        self.is_issued = False
        self.operations: list[Operation] = []
        self._number = number
        self._fleet = fleet
        self._tables = tables
        self._memory: dict = {}
        self._begin_operation()

    @property
    def operation(self) -> Operation:
        """The operation that it is at, or the last one."""
        return self.operations[-1]

    @property
    def is_done(self) -> bool:
        """Has it no further step?"""
        return self.step is None

    @property
    def connection(self) -> Connection:
        """Where the answer to its step comes from."""
        return self.session.connection_of(self.step)

    def _begin_operation(self) -> None:
        self.step = None
        place = len(self.operations)
        if place == len(self._fleet.sequences[self._number]):
            return
        name = (self._number, place)
        operation = Operation(self._fleet, name, self._memory, self._tables.evaluate)
        self.operations.append(operation)
        self._steps = operation.steps()
        self.step = next(self._steps)
        self.is_issued = False

    def go_on(self, answer: Answer | None) -> Operation | None:
        """Take the answer to the step; return the operation, if this was its last step."""
        try:
            self.step = self._steps.send(answer)
            return None
        except StopIteration:
            self.session.end()
        ended = self.operation
        if ended.told == "ok":
            self._memory |= ended.reply
        self._begin_operation()
        return ended


class _Order:
    """Runs the given tokens, and from where they end always the first one that is possible."""

    def __init__(
        self, fleet: Fleet, tables: Tables, sessions: list[Session], clock_moves: bool
    ) -> None:
        self._tables = tables
        self._clock_moves = clock_moves
        self._clock_seconds = 0
        self._clock_moves_by = fleet.scenario.time_passes_by
        self._clients = [
            _Client(number, fleet, session, tables) for number, session in enumerate(sessions)
        ]
        self._execution = Execution()

    def run(self, tokens: list[str], patience_ms: int) -> Execution:
        """Run it from the scenario's start."""
        victim = next((token for token in tokens if token in _DEADLOCK_ENDS), _DEADLOCK_ENDS[0])
        for client, end in zip(self._clients, _DEADLOCK_ENDS, strict=True):
            client.session.set_deadlock_timeout(patience_ms if end == victim else _NEVER_MS)
        while alternatives := self._alternatives():
            taken = len(self._execution.tokens)
            default = victim if alternatives == _DEADLOCK_ENDS else alternatives[0]
            token = tokens[taken] if taken < len(tokens) else default
            assert token in alternatives, f"not as before: {tokens}"
            self._execution.tokens.append(token)
            self._execution.alternatives.append(alternatives)
            if token == CLOCK:
                self._move_clock()
            elif token in _DEADLOCK_ENDS:
                self._await_deadlock_end(3 * patience_ms / 1000 + 1)
            else:
                self._take_step(next(c for c in self._clients if c.token == token))
            self._wake()
        for client in self._clients:
            self._execution.operations += client.operations
        return self._execution

    def _alternatives(self) -> list[str]:
        ready = [c.token for c in self._clients if not c.is_done and not c.is_waiting]
        if not ready:
            return _DEADLOCK_ENDS if any(c.is_waiting for c in self._clients) else []
        may_move = self._clock_moves and not self._clock_seconds
        return [*ready, CLOCK] if may_move else ready

    def _move_clock(self) -> None:
        self._clock_seconds = self._clock_moves_by
        operations = [(client, o) for client in self._clients for o in client.operations]
        issued = {o.name for c, o in operations if o is not c.operation or c.is_issued}
        self._execution.clock_moved = (set(self._execution.answered), issued)

    def _take_step(self, client: _Client) -> None:
        if not client.is_issued:
            client.is_issued = True
            answered = self._execution.answered
            self._execution.before |= {(name, client.operation.name) for name in answered}
        statement = client.step.statement
        if statement is None:
            self._go_on(client, None)
            return
        if statement.passes_over_locks:
            client.operation.found_locked.append(self._tables.locked_rows(statement))
        failure = client.session.send(client.step, self._clock_seconds)
        if failure:
            self._take_answer(client, failure)
        else:
            self._receive(client)

    def _receive(self, client: _Client) -> None:
        """Take the answer when it is there, or see that the client waits for a lock."""
        while not (answer := client.connection.receive(_ANSWER_SECONDS)):
            if self._tables.is_blocked(client.connection):
                client.is_waiting = True
                return
        client.is_waiting = False
        self._take_answer(client, answer)

    def _take_answer(self, client: _Client, answer: Answer) -> None:
        client.session.settle(client.step, answer)
        self._go_on(client, answer)

    def _go_on(self, client: _Client, answer: Answer | None) -> None:
        ended = client.go_on(answer)
        if ended and ended.told != "failed":
            self._execution.answered.append(ended.name)

    def _wake(self) -> bool:
        """Let those go on that do not wait any longer; say whether there was one."""
        has_woken = False
        while free := [c for c in self._waiting() if not self._tables.is_blocked(c.connection)]:
            has_woken = True
            for client in free:
                self._receive(client)
        return has_woken

    def _waiting(self) -> list[_Client]:
        return [client for client in self._clients if client.is_waiting]

    def _await_deadlock_end(self, seconds_max: float) -> None:
        end = time.monotonic() + seconds_max
        while not self._wake():
            if time.monotonic() > end:
                self._give_up()
            time.sleep(0.002)

    def _give_up(self) -> None:
        waiting = self._waiting()
        for client in waiting:
            self._tables.cancel(client.connection)
        for client in waiting:
            client.connection.receive()
            client.session.end()
        raise StuckError


def run_order(
    fleet: Fleet, tables: Tables, sessions: list[Session], tokens: list[str], clock_moves: bool
) -> Execution:
    """Run an order that begins with these tokens, from the scenario's start."""
    for patience_ms in _PATIENCE_MS:
        tables.reset()
        try:
            return _Order(fleet, tables, sessions, clock_moves).run(tokens, patience_ms)
        except StuckError:
            continue
    raise StuckError
