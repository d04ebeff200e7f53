#!/usr/bin/env python3
"""Every order of SQL endpoints on a real PostgreSQL 15, judged by the one-at-a-time rule.

Two clients run the endpoints of a scenario folder, without faults or second tries. Every order of
their steps is executed; for each the program asks whether running the operations one at a time, on
the same server, explains what was answered and what is in the tables. It shares no code with
racelab, which answers the same questions from a store of its own: orders.txt and
orders_with_time.txt are what racelab is compared with.

    every_order.py oversold-stock                  a scenario: its fleets, at every isolation level
    every_order.py oversold-stock --fleet read-then-write --isolation serializable --orders
    every_order.py --all                           writes orders.txt; some ten minutes
    every_order.py --all --time-passes             writes orders_with_time.txt; a quarter of an hour

It needs Python 3.11, Debian's postgresql-15 and, if root runs it, the user postgres.
"""

import argparse
import contextlib
import datetime
import pathlib
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass

from libpq import Connection
from one_at_a_time import Judge
from order import Execution, run_order
from scenario import Fleet, Scenario
from session import Session
from tables import Tables
from throwaway_server import throwaway_server

HERE = pathlib.Path(__file__).resolve().parent
SCENARIOS = HERE.parent.parent / "scenarios"
ISOLATIONS = ["autocommit", "read-committed", "repeatable-read", "serializable"]
CLIENTS = 2
COLUMNS = """\
# Every order of the steps of two clients, measured on PostgreSQL {version}
# by every_order.py, {date}.
# attempts-max 1, tries-max 1, no faults{but}.
# scenario fleet isolation: what ran; a fleet is written as racelab's --strategy takes it.
# orders: how many there are.
# violating_by_rule: orders that no sequence explains, by the one-at-a-time rule.
# failing_checks: orders after which a query of check.sql is false; - where there is none.
# told_failed: orders in which a client was told that its operation failed.
# scenario fleet isolation orders violating_by_rule failing_checks told_failed"""


@dataclass(frozen=True)
class Verdict:
    """One order, judged."""

    tokens: tuple[str, ...]
    is_violating: bool
    fails_checks: bool
    told_failed: bool

    def __str__(self) -> str:
        words = ["violated" if self.is_violating else "right"]
        words += ["checks fail"] * self.fails_checks + ["told failed"] * self.told_failed
        return f"{' '.join(self.tokens)}: {', '.join(words)}"


def judged(execution: Execution, judge: Judge, tables: Tables) -> Verdict:
    """Judge an execution that has just ended."""
    outcome = judge.outcome(execution.operations)
    fails_checks = tables.failed_checks(execution.operations) > 0
    return Verdict(
        tokens=tuple(execution.tokens),
        is_violating=not judge.explains(execution, outcome),
        fails_checks=fails_checks,
        told_failed=any(operation.told == "failed" for operation in execution.operations),
    )


def every_order(address: str, tables: Tables, fleet: Fleet, clock_moves: bool) -> Iterator[Verdict]:
    """Run every order of two clients once: depth first, each begins like one that was run."""
    sessions = [Session(address, fleet.scenario, fleet.isolation) for _ in range(CLIENTS + 1)]
    with contextlib.ExitStack() as stack:
        for session in sessions:
            stack.callback(session.close)
        judge = Judge(fleet, tables, sessions.pop())
        prefixes: list[list[str]] = [[]]
        while prefixes:
            prefix = prefixes.pop()
            execution = run_order(fleet, tables, sessions, prefix, clock_moves)
            for place in range(len(prefix), len(execution.tokens)):
                # Beyond the prefix the first alternative was taken.
                for other in execution.alternatives[place][1:]:
                    prefixes.append([*execution.tokens[:place], other])
            yield judged(execution, judge, tables)


def table_line(scenario: Scenario, fleet: str, isolation: str, verdicts: list[Verdict]) -> str:
    """Say one cell in one line."""
    failing = sum(v.fails_checks for v in verdicts) if scenario.checks else "-"
    counts = [
        len(verdicts),
        sum(v.is_violating for v in verdicts),
        failing,
        sum(v.told_failed for v in verdicts),
    ]
    return " ".join(map(str, [scenario.name, fleet, isolation, *counts]))


def table_head(address: str, clock_moves: bool) -> str:
    """Say before the lines what was measured, where and when."""
    connection = Connection(address)
    ((version,),) = connection.rows("select split_part(current_setting('server_version'), ' ', 1)")
    connection.close()
    but = " but this: the clock moves once, at any point, by time-passes.by" if clock_moves else ""
    return COLUMNS.format(version=version, date=datetime.date.today(), but=but)


def scenarios_of(arguments: argparse.Namespace) -> list[Scenario]:
    """Read the scenario that is asked for, or all of them."""
    if arguments.scenario:
        return [Scenario(SCENARIOS / arguments.scenario)]
    folders = sorted(path.parent for path in SCENARIOS.glob("*/setup.sql"))
    scenarios = [Scenario(folder) for folder in folders]
    return [s for s in scenarios if s.time_passes_by or not arguments.time_passes]


def isolations_of(arguments: argparse.Namespace) -> list[str]:
    """List the levels that are asked for; with the clock, orders are too many for all of them."""
    return arguments.isolation or (["read-committed"] if arguments.time_passes else ISOLATIONS)


def measure(address: str, arguments: argparse.Namespace) -> Iterator[str]:
    """Run what is asked for; yield the line of each cell."""
    for scenario in scenarios_of(arguments):
        tables = Tables(address, scenario)
        for name in arguments.fleet or scenario.fleets:
            for isolation in isolations_of(arguments):
                fleet = Fleet(scenario, name, isolation, CLIENTS)
                verdicts = []
                for verdict in every_order(address, tables, fleet, arguments.time_passes):
                    verdicts.append(verdict)
                    if arguments.orders:
                        print(verdict)
                yield table_line(scenario, name, isolation, verdicts)
        tables.close()


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("scenario", nargs="?", help="a folder in scenarios/")
    what.add_argument("--all", action="store_true", help="every scenario; writes the table")
    parser.add_argument(
        "--fleet", action="append", help="a, or a,b client by client, or a:b in turn"
    )
    parser.add_argument("--isolation", action="append", choices=ISOLATIONS)
    parser.add_argument("--time-passes", action="store_true", help="the clock moves once")
    parser.add_argument("--orders", action="store_true", help="print each order with its verdict")
    arguments = parser.parse_args()
    if arguments.all and (arguments.fleet or arguments.isolation):
        parser.error("--all is everything")
    return arguments


def main() -> None:
    """Run the program."""
    arguments = parse_arguments()
    # Whoever ends this program ends the server as well.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(1))
    lines = []
    with throwaway_server() as address:
        for line in measure(address, arguments):
            print(line, flush=True)
            lines.append(line)
        head = table_head(address, arguments.time_passes)
    if arguments.all:
        file = HERE / ("orders_with_time.txt" if arguments.time_passes else "orders.txt")
        file.write_text("\n".join([head, *sorted(lines)]) + "\n")


if __name__ == "__main__":
    main()
