"""Connections to PostgreSQL by ctypes, straight on libpq.

The orders need what Python's usual drivers hide: a statement is sent without waiting for its
answer, and in the extended protocol with untyped parameters, as pgbench does. libpq, which comes
with every PostgreSQL (Debian: libpq5), has both; nothing else is needed beside Python's standard
library.
"""

import ctypes
import re
import select
import time
from dataclasses import dataclass, field
from typing import Any

_LIBPQ = ctypes.CDLL("libpq.so.5")
_pointer, _text, _int = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
_NoticeProcessor = ctypes.CFUNCTYPE(None, _pointer, _text)
_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "PQbackendPID": (_int, [_pointer]),
    "PQcmdStatus": (_text, [_pointer]),
    "PQclear": (None, [_pointer]),
    "PQconnectdb": (_pointer, [_text]),
    "PQconsumeInput": (_int, [_pointer]),
    "PQerrorMessage": (_text, [_pointer]),
    "PQfinish": (None, [_pointer]),
    "PQflush": (_int, [_pointer]),
    "PQfname": (_text, [_pointer, _int]),
    "PQftype": (ctypes.c_uint, [_pointer, _int]),
    "PQgetResult": (_pointer, [_pointer]),
    "PQgetisnull": (_int, [_pointer, _int, _int]),
    "PQgetvalue": (_text, [_pointer, _int, _int]),
    "PQisBusy": (_int, [_pointer]),
    "PQnfields": (_int, [_pointer]),
    "PQntuples": (_int, [_pointer]),
    "PQping": (_int, [_text]),
    "PQresultErrorField": (_text, [_pointer, _int]),
    "PQresultStatus": (_int, [_pointer]),
    "PQsendQuery": (_int, [_pointer, _text]),
    "PQsendQueryParams": (_int, [_pointer, _text, _int] + [_pointer] * 4 + [_int]),
    "PQsetNoticeProcessor": (_pointer, [_pointer, _NoticeProcessor, _pointer]),
    "PQsocket": (_int, [_pointer]),
    "PQstatus": (_int, [_pointer]),
    "PQtransactionStatus": (_int, [_pointer]),
}
for _name, (_result, _arguments) in _SIGNATURES.items():
    getattr(_LIBPQ, _name).restype = _result
    getattr(_LIBPQ, _name).argtypes = _arguments

_CONNECTION_OK = 0
_PING_OK = 0
_RESULTS_OK = (1, 2)  # PGRES_COMMAND_OK, PGRES_TUPLES_OK
_IN_TRANSACTION = (2, 3)  # PQTRANS_INTRANS, PQTRANS_INERROR
_BOOLEAN, _INTEGERS, _NUMERIC, _TIMES = 16, (20, 21, 23), 1700, (1114, 1184)  # pg_type's oids

_ignore_notice = _NoticeProcessor(lambda _argument, _message: None)


class SqlError(Exception):
    """A statement of this program's own failed."""


class Timestamp(str):
    """A time, as the server writes it."""


@dataclass
class Answer:
    """What a statement answered: a SQLSTATE, or a command tag, columns and rows."""

    code: str | None = None
    message: str = ""
    tag: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[tuple] = field(default_factory=list)

    def must(self) -> "Answer":
        """Return itself, if it is no error."""
        if self.code:
            raise SqlError(f"{self.code} {self.message}")
        return self


def _value(oid: int, text: str) -> Any:
    if oid == _BOOLEAN:
        return text == "t"
    if oid in _INTEGERS or (oid == _NUMERIC and re.fullmatch(r"-?\d+", text)):
        return int(text)
    return Timestamp(text) if oid in _TIMES else text


def _cell(result: int, row: int, column: int) -> Any:
    if _LIBPQ.PQgetisnull(result, row, column):
        return None
    text = _LIBPQ.PQgetvalue(result, row, column).decode()
    return _value(_LIBPQ.PQftype(result, column), text)


def _answer(result: int) -> Answer:
    """Make an answer of the result, and free the result."""
    answer = Answer()
    if _LIBPQ.PQresultStatus(result) in _RESULTS_OK:
        answer.tag = _LIBPQ.PQcmdStatus(result).decode()
        columns = range(_LIBPQ.PQnfields(result))
        answer.columns = [_LIBPQ.PQfname(result, column).decode() for column in columns]
        answer.rows = [
            tuple(_cell(result, row, column) for column in columns)
            for row in range(_LIBPQ.PQntuples(result))
        ]
    else:
        answer.code = (_LIBPQ.PQresultErrorField(result, ord("C")) or b"?????").decode()
        answer.message = (_LIBPQ.PQresultErrorField(result, ord("M")) or b"").decode()
    _LIBPQ.PQclear(result)
    return answer


def is_accepting(address: str) -> bool:
    """Ask whether a server at this address takes connections by now."""
    return _LIBPQ.PQping(address.encode()) == _PING_OK


class Connection:
    """One connection; at most one statement is on its way."""

    def __init__(self, address: str) -> None:
        self._handle = _LIBPQ.PQconnectdb(address.encode())
        if _LIBPQ.PQstatus(self._handle) != _CONNECTION_OK:
            raise SqlError(_LIBPQ.PQerrorMessage(self._handle).decode())
        _LIBPQ.PQsetNoticeProcessor(self._handle, _ignore_notice, None)
        self.process = _LIBPQ.PQbackendPID(self._handle)

    def close(self) -> None:
        """End the session."""
        _LIBPQ.PQfinish(self._handle)

    @property
    def in_transaction(self) -> bool:
        """Is a transaction open, be it a failed one?"""
        return _LIBPQ.PQtransactionStatus(self._handle) in _IN_TRANSACTION

    def send(self, sql: str, parameters: tuple[str | None, ...] = ()) -> None:
        """Send a statement, and do not wait."""
        texts = [None if text is None else text.encode() for text in parameters]
        values = (_text * max(len(texts), 1))(*texts)
        if not _LIBPQ.PQsendQueryParams(
            self._handle, sql.encode(), len(texts), None, values, None, None, 0
        ):
            raise SqlError(_LIBPQ.PQerrorMessage(self._handle).decode())
        _LIBPQ.PQflush(self._handle)

    def receive(self, seconds_max: float | None = None) -> Answer | None:
        """Take the answer to what was sent; None if it has not come after so many seconds."""
        end = None if seconds_max is None else time.monotonic() + seconds_max
        while _LIBPQ.PQconsumeInput(self._handle) and _LIBPQ.PQisBusy(self._handle):
            left = None if end is None else end - time.monotonic()
            if left is not None and left <= 0:
                return None
            select.select([_LIBPQ.PQsocket(self._handle)], [], [], left)
        return self._results()[-1]

    def _results(self) -> list[Answer]:
        """Wait for all that comes until the server is ready for more."""
        answers = []
        while result := _LIBPQ.PQgetResult(self._handle):
            answers.append(_answer(result))
        return answers

    def ask(self, sql: str, parameters: tuple[str | None, ...] = ()) -> Answer:
        """Send a statement and wait for its answer."""
        self.send(sql, parameters)
        return self.receive()

    def rows(self, sql: str, *parameters: str) -> list[tuple]:
        """Ask a query that cannot fail."""
        return self.ask(sql, parameters).must().rows

    def run(self, *statements: str) -> list[list[tuple]]:
        """Run statements that cannot fail, all in one message; return the rows of each."""
        _LIBPQ.PQsendQuery(self._handle, ";".join(statements).encode())
        return [answer.must().rows for answer in self._results()]
