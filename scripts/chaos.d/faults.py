"""Configurations that must not get into force, one for each kind of fault. Each fault is mended at the end of its `with`."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, ContextManager, Iterator

from target import Target

# What the program says once for each reload that it refuses.
REFUSED = "the configuration stays as it was"
KEYS = Path(__file__).resolve().parent.parent.parent / "src" / "test" / "resources" / "tls" / "keys"


@dataclass(frozen=True)
class Fault:
    """Makes the configuration wrong. `made` gives the words that a message must have."""

    name: str
    made: Callable[[Target], ContextManager[str]]


@contextlib.contextmanager
def _changed(target: Target, change: Callable[[dict], None]) -> Iterator[None]:
    before = target.config.read_text()
    config = json.loads(before)
    change(config)
    target.config.write_text(json.dumps(config))
    try:
        yield
    finally:
        target.config.write_text(before)


@contextlib.contextmanager
def _driver(target: Target, url: str, words: str) -> Iterator[str]:
    with _changed(target, lambda config: config.update(driver=[url])):
        yield words


@contextlib.contextmanager
def _wrong_password(target: Target) -> Iterator[str]:
    url = f"redis://:wrong@127.0.0.1:{target.redis.port}/0"
    # connections that are logged in already stay so, also this one
    with socket.create_connection(("127.0.0.1", target.redis.port)) as connection:
        try:
            connection.sendall(b"ACL SETUSER default resetpass >right\r\n")
            connection.recv(100)
            with _driver(target, url, f"reload refused.*127\\.0\\.0\\.1:{target.redis.port}") as words:
                yield words
        finally:
            connection.sendall(b"ACL SETUSER default nopass\r\n")
            connection.recv(100)


def _no_redis(target: Target) -> ContextManager[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return _driver(target, f"redis://127.0.0.1:{port}/0", f"reload refused.*127\\.0\\.0\\.1:{port}")


@contextlib.contextmanager
def _port_taken(target: Target) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        both = [{"address": "127.0.0.1", "port": each} for each in (target.proxy.port, port)]
        with _changed(target, lambda config: config["server"].update(address=both)):
            yield f"{port}"


@contextlib.contextmanager
def _wrong_key(target: Target) -> Iterator[str]:
    certificate, key = KEYS / "ec.crt", KEYS / "leaf.key"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    https = {"bind": ["127.0.0.1"], "port": port, "key": str(key), "cert": str(certificate)}
    with _changed(target, lambda config: config.update(https=https)):
        yield key.name


@contextlib.contextmanager
def _unreadable_page(target: Target) -> Iterator[str]:
    pages = target.directory / "pages"
    pages.mkdir()
    # a loop of links: not even root can read it
    (pages / "error_400.html").symlink_to("error_400.html")
    try:
        with _changed(target, lambda config: config["server"].update(staticDir=str(pages))):
            yield "error_400\\.html"
    finally:
        shutil.rmtree(pages)


@contextlib.contextmanager
def _no_log_folder(target: Target) -> Iterator[str]:
    log = target.config / "access.log"  # a folder that cannot be made, not even by root
    with _changed(target, lambda config: config["server"].update(accessLog=str(log))):
        yield "hipache\\.json"


@contextlib.contextmanager
def _bad_option(target: Target) -> Iterator[str]:
    with _changed(target, lambda config: config["server"].update(javaOptions=["-XX:NoSuchOption=1"])):
        yield "NoSuchOption"


@contextlib.contextmanager
def _worker_hangs(target: Target) -> Iterator[str]:
    pid = target.worker_pids()[0]
    os.kill(pid, signal.SIGSTOP)
    try:
        with _changed(target, lambda config: config["server"].update(tcpTimeout=77)):
            yield f"{pid}"
    finally:
        os.kill(pid, signal.SIGCONT)


FAULTS = [
    Fault("a wrong password", _wrong_password),
    Fault("a Redis that is away", _no_redis),
    Fault("a port that is taken", _port_taken),
    Fault("a key that does not fit", _wrong_key),
    Fault("a page that cannot be read", _unreadable_page),
    Fault("a log folder that is gone", _no_log_folder),
    Fault("an option that Java does not know", _bad_option),
    Fault("a worker that hangs", _worker_hangs),
]
