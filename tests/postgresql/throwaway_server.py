"""A PostgreSQL server for as long as a `with` block lasts, in a folder of its own."""

import contextlib
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator

import libpq

_PROGRAMS = pathlib.Path("/usr/lib/postgresql/15/bin")  # where Debian's postgresql-15 puts them
_START_SECONDS_MAX = 30
_STOP_SECONDS_MAX = 10
_INITIALISE = ["--auth=trust", "--username=postgres", "--no-sync", "--locale=C", "--encoding=UTF8"]
_SETTINGS = {
    "listen_addresses": "",  # a unix socket only
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would hold locks of its own
    "shared_buffers": "32MB",
}


def _identity() -> dict:
    """Say who runs the server, which refuses to be run by root."""
    if os.geteuid() != 0:
        return {}
    return {"user": "postgres", "group": "postgres", "extra_groups": []}


def _initialise(folder: pathlib.Path) -> None:
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    subprocess.run(
        [_PROGRAMS / "initdb", *_INITIALISE, "--pgdata", folder / "data"],
        check=True,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        **_identity(),
    )


def _start(folder: pathlib.Path) -> subprocess.Popen:
    settings = _SETTINGS | {"unix_socket_directories": str(folder)}
    arguments = [part for item in settings.items() for part in ("-c", "=".join(item))]
    with open(folder / "log.txt", "wb") as log:
        return subprocess.Popen(
            [_PROGRAMS / "postgres", "-D", folder / "data", *arguments],
            cwd=folder,
            stderr=log,
            **_identity(),
        )


def _await_start(server: subprocess.Popen, address: str, log: pathlib.Path) -> None:
    end = time.monotonic() + _START_SECONDS_MAX
    while not libpq.is_accepting(address):
        if server.poll() is not None or time.monotonic() > end:
            raise RuntimeError("PostgreSQL did not start: " + log.read_text())
        time.sleep(0.05)


def _stop(server: subprocess.Popen) -> None:
    """End it without waiting for its clients, and if that takes too long, at once."""
    server.send_signal(signal.SIGINT)
    try:
        server.wait(_STOP_SECONDS_MAX)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


@contextlib.contextmanager
def throwaway_server() -> Iterator[str]:
    """Start a server, yield its address for libpq, and at the end stop it and delete its files."""
    with tempfile.TemporaryDirectory(prefix="racelab-") as name:
        folder = pathlib.Path(name)
        _initialise(folder)
        server = _start(folder)
        try:
            address = f"host={folder} user=postgres dbname=postgres"
            _await_start(server, address, folder / "log.txt")
            yield address
        finally:
            _stop(server)
