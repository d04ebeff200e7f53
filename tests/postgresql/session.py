"""The connections of one handler, and how a step is sent over them."""

import re

from libpq import Answer, Connection
from operation import Step
from scenario import Scenario

_CLOCKS = re.compile(r"\b(now\(\)|clock_timestamp\(\)|current_timestamp)")


class Session:
    """A connection to the database, and one to other systems, where nothing is ever rolled back."""

    def __init__(self, address: str, scenario: Scenario, isolation: str) -> None:
        self._scenario = scenario
        self._database = Connection(address)
        self._outside = Connection(address)
        self._clock_seconds = 0
        self._deadlock_timeout_ms = 0
        if isolation != "autocommit":
            level = isolation.replace("-", " ")
            self._database.run(f"set default_transaction_isolation = '{level}'")

    def close(self) -> None:
        """End the connections."""
        self._database.close()
        self._outside.close()

    def set_deadlock_timeout(self, milliseconds: int) -> None:
        """Set how long a statement waits before it looks for a deadlock, once."""
        if self._deadlock_timeout_ms != milliseconds:
            self._database.run(f"set deadlock_timeout = '{milliseconds} ms'")
            self._deadlock_timeout_ms = milliseconds

    @property
    def in_transaction(self) -> bool:
        """Is a transaction open?"""
        return self._database.in_transaction

    def connection_of(self, step: Step) -> Connection:
        """Find where the step's statement goes."""
        is_outside = self._scenario.is_outside(step.statement)
        return self._outside if is_outside else self._database

    def send(self, step: Step, clock_seconds: int) -> Answer | None:
        """Send the step; return an answer if it failed before its statement was sent.

        When the clock has moved, what changes is what SQL compares with it, from the next
        transaction on.
        """
        if not self.in_transaction:
            self._clock_seconds = clock_seconds
        for opening in step.opening:
            answer = self._database.ask(opening)
            if answer.code:
                return answer
        sql = step.statement.sql
        if self._clock_seconds:
            sql = _CLOCKS.sub(rf"(\1 + interval '{self._clock_seconds} s')", sql)
        self.connection_of(step).send(sql, step.parameters)
        return None

    def ask(self, step: Step, clock_seconds: int) -> Answer:
        """Send the step and wait for its answer."""
        answer = self.send(step, clock_seconds) or self.connection_of(step).receive()
        self.settle(step, answer)
        return answer

    def settle(self, step: Step, answer: Answer) -> None:
        """Roll back if this is an error that the script does not catch."""
        if answer.code and answer.code not in step.statement.caught:
            self.end()

    def end(self) -> None:
        """Roll back the transaction that was left open, if there is one."""
        if self.in_transaction:
            self._database.run("rollback")
