"""Scenario folders: settings, tables, checks, and the endpoints in pgbench's script language.

No more of the language stands here than the scenarios use.
"""

import itertools
import pathlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_COMMENT = re.compile(r"--.*")
_DIRECTIVE = re.compile(r"--\s*(reply|catch|refusal|rows)\s*:\s*(.*)")
_STATEMENT_END = re.compile(r"(?:;|\\(?P<how>gset|aset)(?:\s+(?P<prefix>\w+))?)\s*$")
# A variable, or what only looks like one: text, a quoted name, a cast.
_VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|::|:(?P<name>\w+)")


class ScriptError(Exception):
    """A script is malformed, or asks for what is not there while it runs."""


@dataclass(frozen=True)
class Statement:
    """One statement of a script; each use of a variable is a parameter of its own."""

    sql: str
    variables: tuple[str, ...] = ()
    # gset: exactly one row goes into variables; aset: the last row, if there is one.
    store: str | None = None
    prefix: str = ""
    # For each SQLSTATE that does not end the script, the variable that it sets to 1.
    caught: dict[str, str] = field(default_factory=dict)
    # All rows go into the answer, under this name.
    rows: str | None = None
    # Variables that have no value are NULL.
    takes_unset: bool = False

    @property
    def first_word(self) -> str:
        """Tell what it is: `select`, `begin`, ..."""
        return self.sql.split()[0].lower()

    @property
    def passes_over_locks(self) -> bool:
        """Ask whether its answer depends on what others have locked."""
        return "skip locked" in self.sql.lower()

    @property
    def is_ordered(self) -> bool:
        """Ask whether its rows have an order."""
        return "order by" in self.sql.lower()


@dataclass(frozen=True)
class Assignment:
    """A `set` command."""

    name: str
    expression: str


@dataclass(frozen=True)
class Choice:
    """An `if` command: what runs is the body of the first condition that is true."""

    arms: list[tuple[str, list]]


@dataclass(frozen=True)
class End:
    """The script ends here."""


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    """Yield the script's comments, backslash commands and statements, one after the other."""
    pending = ""
    for line in text.splitlines():
        bare = line.strip()
        if not pending and bare.startswith("--"):
            yield "comment", bare
        elif not pending and bare.startswith("\\"):
            yield "command", bare[1:]
        elif pending or bare:
            pending += _COMMENT.sub("", line) + "\n"
            if _STATEMENT_END.search(pending):
                yield "statement", pending
                pending = ""
    if pending:
        raise ScriptError(f"unfinished statement: {pending}")


class Script:
    """An endpoint: what it answers, and its statements and commands as a tree."""

    def __init__(self, path: pathlib.Path) -> None:
        self.name = path.stem
        self.reply: list[str] = []
        self.refusals: list[int] = []
        self.statements: list[Statement] = []
        self._caught: dict[str, str] = {}
        self._rows: str | None = None
        self.body, (end, _) = self._block(_pieces(path.read_text()))
        if end:
            raise ScriptError(f"{path}: \\{end} without \\if")

    @property
    def transactions(self) -> int:
        """Count the transactions of its own that it begins, at most."""
        return sum(statement.first_word == "begin" for statement in self.statements)

    def _block(self, pieces: Iterator[tuple[str, str]]) -> tuple[list, tuple[str, str]]:
        """Read up to the end of the block; return what is in it, and the command that ends it."""
        items: list = []
        for kind, text in pieces:
            if kind == "comment":
                self._directive(text)
            elif kind == "statement":
                items.append(self._statement(text))
            else:
                word, _, rest = text.partition(" ")
                if word == "set":
                    items.append(Assignment(*rest.split(None, 1)))
                elif word == "if":
                    items.append(self._choice(rest, pieces))
                else:
                    return items, (word, rest)
        return items, ("", "")

    def _choice(self, condition: str, pieces: Iterator[tuple[str, str]]) -> Choice:
        arms = []
        while True:
            body, (word, rest) = self._block(pieces)
            arms.append((condition, body))
            if word == "endif":
                return Choice(arms)
            if word not in ("elif", "else"):
                raise ScriptError(f"{self.name}: \\if without \\endif")
            condition = rest if word == "elif" else "true"

    def _directive(self, comment: str) -> None:
        match = _DIRECTIVE.fullmatch(comment)
        if not match:
            return
        word, text = match.groups()
        parts = [part.strip() for part in text.split(",")]
        if word == "reply":
            self.reply = parts
        elif word == "refusal":
            self.refusals = [int(part) for part in parts]
        elif word == "rows":
            self._rows = text
        else:
            self._caught = dict(part.split(" as ") for part in parts)

    def _statement(self, text: str) -> Statement:
        end = _STATEMENT_END.search(text)
        variables: list[str] = []

        def parameter(match: re.Match) -> str:
            if not match["name"]:
                return match[0]
            variables.append(match["name"])
            return f"${len(variables)}"

        sql = " ".join(_VARIABLE.sub(parameter, text[: end.start()]).split())
        statement = Statement(
            sql, tuple(variables), end["how"], end["prefix"] or "", self._caught, self._rows
        )
        self._caught, self._rows = {}, None
        self.statements.append(statement)
        return statement


class Keyed:
    """An endpoint with an idempotency key: key, change and reply in one transaction."""

    TABLE = "racelab.idempotency_key"

    def __init__(self, bare: Script) -> None:
        self.name = bare.name
        self.reply = bare.reply
        self.refusals = bare.refusals
        self._saved = ["status", *bare.reply]
        if bare.transactions:
            self.body = self._protected(bare.body)
        else:
            end = [(":status < 300", [self._save(), Statement("commit")])]
            end.append(("true", [Statement("rollback")]))
            self.body = [Statement("begin"), *self._take_key(), *bare.body, Choice(end)]
        self.statements = [*bare.statements, self._save()]
        self.transactions = 1

    def _protected(self, items: list) -> list:
        made: list = []
        for item in items:
            if isinstance(item, Choice):
                arms = [(condition, self._protected(body)) for condition, body in item.arms]
                made.append(Choice(arms))
                continue
            word = item.first_word if isinstance(item, Statement) else ""
            made += [self._save()] * (word == "commit")
            made.append(item)
            made += self._take_key() if word == "begin" else []
        return made

    def _take_key(self) -> list:
        """Insert the key; if it is there, answer what was saved with it."""
        insert = f"insert into {self.TABLE} (key) values ($1) on conflict do nothing"
        saved = f"select {', '.join(self._saved)} from {self.TABLE} where key = $1"
        answer = [Statement(saved, ("key",), "gset"), Statement("commit"), End()]
        return [
            Assignment("is_new", "NULL"),
            Statement(f"{insert} returning true as is_new", ("key",), "aset"),
            Choice([(":is_new is null", answer)]),
        ]

    def _save(self) -> Statement:
        places = ", ".join(f"{name} = ${place}" for place, name in enumerate(self._saved, 1))
        return Statement(
            f"update {self.TABLE} set {places} where key = ${len(self._saved) + 1}",
            (*self._saved, "key"),
            caught={"25P02": "key_is_lost"},
            takes_unset=True,
        )


def _settings(path: pathlib.Path) -> dict[str, str]:
    lines = [line for line in path.read_text().splitlines() if not line.startswith("#")]
    settings: dict[str, str] = {}
    for name, value in (map(str.strip, line.split("=", 1)) for line in lines if "=" in line):
        # Only strategies stand there several times.
        settings[name] = f"{settings[name]} {value}" if name in settings else value
    return settings


def _checks(path: pathlib.Path) -> list[str]:
    """Read the queries of check.sql; each answers one boolean."""
    if not path.exists():
        return []
    queries = _COMMENT.sub("", path.read_text()).split(";")
    return [query for query in queries if query.strip()]


def _typed(text: str) -> int | str:
    return int(text) if re.fullmatch(r"-?\d+", text) else text


class Scenario:
    """A folder of a setup, of endpoints, and perhaps of checks."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.name = folder.name
        settings = _settings(folder / "scenario.ini")
        self.setup = (folder / "setup.sql").read_text()
        self.checks = _checks(folder / "check.sql")
        endpoints = sorted(set(folder.glob("*.sql")) - {folder / "setup.sql", folder / "check.sql"})
        self.scripts = {path.stem: Script(path) for path in endpoints}
        self.fleets = settings.get("strategies", " ".join(self.scripts)).split()
        self.outside = [part.strip() for part in settings.get("outside", "").split(",") if part]
        self.time_passes_by = int(settings.get("time-passes.by", "0s").removesuffix("s"))
        self._parameters = {
            name.removeprefix("param."): [_typed(part.strip()) for part in value.split(",")]
            for name, value in settings.items()
            if name.startswith("param.")
        }

    @property
    def replies(self) -> list[str]:
        """The reply variables of all endpoints, without repeats."""
        return list(dict.fromkeys(itertools.chain(*(s.reply for s in self.scripts.values()))))

    def script(self, name: str) -> Script | Keyed:
        """Find an endpoint, perhaps with an idempotency key."""
        bare = self.scripts[name.removesuffix("+idempotency-key")]
        return bare if name in self.scripts else Keyed(bare)

    def parameters_of(self, client: int) -> dict[str, int | str]:
        """Deal out parameters: `a,b` in the settings gives a to client 0, b to client 1, a to 2."""
        return {name: parts[client % len(parts)] for name, parts in self._parameters.items()}

    def is_outside(self, statement: Statement) -> bool:
        """Ask whether the statement calls another system."""
        return any(re.search(rf"\b{system}\.", statement.sql) for system in self.outside)


class Fleet:
    """Who runs what: `a` for all clients, `a,b` client by client, `a:b` one after the other."""

    def __init__(self, scenario: Scenario, text: str, isolation: str, clients: int) -> None:
        parts = text.split(",")
        self.scenario = scenario
        self.isolation = isolation
        self.sequences = [
            [scenario.script(name) for name in parts[client % len(parts)].split(":")]
            for client in range(clients)
        ]
