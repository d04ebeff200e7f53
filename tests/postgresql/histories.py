"""Play the literal histories of histories.txt on PostgreSQL and compare every answer.

    python3 tests/postgresql/histories.py [FILE]

The test `Histories` plays the same file on racelab's store. What is free on the server (who of several
goes on first) is compared as a set.
"""

import pathlib
import re
import sys
import time
from dataclasses import dataclass, field

from libpq import Answer, Connection
from throwaway_server import throwaway_server

_HERE = pathlib.Path(__file__).parent
_SECONDS_MAX = 5
_WAITS = """select count(*) from pg_stat_activity
    where pid = $1::text::integer and state = 'active' and wait_event_type = 'Lock'"""
_COUNTED = ("insert", "update", "delete")


@dataclass
class History:
    """A setup, a level, and lines: what is sent, and what is answered."""

    title: str
    level: str
    setup: list[str] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)


def read(path: pathlib.Path) -> list[History]:
    """Read a file of histories."""
    histories = []
    for line in path.read_text().splitlines():
        if heading := re.fullmatch(r"== (\w+) \((.+)\)", line):
            histories.append(History(heading[1], heading[2]))
        elif "-> " in line and not line.startswith("#"):
            sent, answered = line.rsplit("-> ", 1)
            histories[-1].lines.append((sent.strip(), answered.strip()))
        elif line.strip() and not line.startswith("#"):
            histories[-1].setup.append(line)
    return histories


def _text(value: object) -> str:
    if value is None:
        return "NULL"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _rows(rows: list[tuple]) -> str:
    return "; ".join(", ".join(_text(value) for value in row) for row in rows) or "nothing"


def _printed(sql: str, answer: Answer) -> str:
    """Write an answer as histories do."""
    if answer.code:
        return answer.code
    if answer.columns:
        return _rows(answer.rows)
    if answer.tag.split()[0].lower() in _COUNTED:
        return "1 row" if answer.tag.endswith(" 1") else answer.tag.split()[-1] + " rows"
    return answer.tag.split()[0]


class Player:
    """Plays one history on sessions of its own."""

    def __init__(self, address: str, history: History) -> None:
        self._history = history
        self._observer = Connection(address)
        self._observer.run("drop schema public cascade", "create schema public")
        for statement in history.setup:
            self._observer.run(statement)
        self._sessions = {number: Connection(address) for number in "1234"}
        for session in self._sessions.values():
            session.run(
                f"set default_transaction_isolation = '{history.level}'",
                "set deadlock_timeout = '60s'",
            )
        self._waiting: dict[str, str] = {}

    def play(self) -> list[str]:
        """Return what differs."""
        different = []
        for sent, answered in self._history.lines:
            got = self._line(sent)
            wanted = answered.split(" | ")
            if got[0] != wanted[0] or sorted(got[1:]) != sorted(wanted[1:]):
                different.append(f"  {sent} -> {answered}\n    PostgreSQL: {' | '.join(got)}")
        self._sessions["1"].close()
        for session in self._sessions.values():
            if session is not self._sessions["1"]:
                session.close()
        self._observer.close()
        return different

    def _line(self, sent: str) -> list[str]:
        if ": " not in sent:
            return [_rows(sorted(self._observer.rows(f"select * from {sent}"), key=str))]
        name, sql = sent.split(": ", 1)
        number = name[0]
        self._sessions[number].send(sql)
        answer = self._answer(number)
        first = "waits" if answer is None else _printed(sql, answer)
        woken = self._woken()
        if answer is None:
            self._waiting[number] = sql
        return [first, *woken]

    def _answer(self, number: str) -> Answer | None:
        """Take the answer; None as soon as it waits for a lock."""
        session = self._sessions[number]
        end = time.monotonic() + _SECONDS_MAX
        while (answer := session.receive(0.02)) is None:
            waits = self._observer.rows(_WAITS, str(session.process))[0][0]
            if waits or time.monotonic() > end:
                return session.receive(0.02)
        return answer

    def _woken(self) -> list[str]:
        woken = []
        for number in list(self._waiting):
            if (answer := self._answer(number)) is not None:
                woken.append(f"{number}: {_printed(self._waiting.pop(number), answer)}")
        return woken


def main() -> None:
    """Play all, and say what differs."""
    path = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else _HERE / "histories.txt"
    histories = read(path)
    failed = 0
    with throwaway_server() as address:
        for history in histories:
            different = Player(address, history).play()
            failed += bool(different)
            if different:
                print(f"{history.title} ({history.level})", *different, sep="\n")
    print(f"{len(histories)} histories, {failed} differ")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
