"""The program under test: its processes, its configuration, its access log and its messages."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import os
import re
import signal
import socket
import sys
import time
from pathlib import Path

from clients import Clients
from processes import BenchError, Started, tree
from programs import HOST, Redis, Sentinel, get, start_echo, until
from proxies import Proxy, start_ours

LONG = 30.0
LINE = re.compile(r'\S+ - - \[[^]]+\] "GET /[0-9a-f]+ HTTP/1\.1" 200 \d+ "" "" "chaos" [\d.]+ [\d.]+')

# Of a WebSocket.
TUNNEL = re.compile(r'\S+ - - \[[^]]+\] "GET / HTTP/1\.1" 101 \d+ "" "" "sockets" [\d.]+ [\d.]+')


def runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


class Target:
    """Starts the program with a Redis and a backend of its own, and ends all of them."""

    def __init__(self, command: str, directory: Path, keys: dict[str, object]):
        self._command = command
        self._directory = directory
        self._keys = {
            key: value.replace("{directory}", str(directory)) if isinstance(value, str) else value for key, value in keys.items()
        }
        self._started: list[Started] = []
        self.supervisor = 0
        self.clients: Clients | None = None

    def start(self) -> None:
        backend, self.backend_port = start_echo(self._directory)
        self._started.append(backend)
        redis = Redis(self._directory)
        self.redis = redis
        self._started.append(redis.started)
        until(backend, "answers", lambda: get(self.backend_port, HOST, "/x") == (200, b"/x"))
        until(redis.started, "answers PING", lambda: redis.command("PING") == b"+PONG\r\n")
        redis.command("RPUSH", f"frontend:{HOST}", "chaos", f"http://127.0.0.1:{self.backend_port}")
        self.proxy: Proxy = start_ours(self._command, self._directory, redis.port, keys=self._keys)
        self._started.append(self.proxy.started)
        until(self.proxy.started, "answers __ping__", lambda: get(self.proxy.port, "__ping__", "/") == (200, b"ok"))
        self.supervisor = self.proxy.started.pid
        self.workers = int(self._keys["workers"])
        until(self.proxy.started, "has all its workers", lambda: self.said("is ready") >= self.workers)

    def start_again(self) -> None:
        """Starts the program anew, which has ended."""
        self.proxy = dataclasses.replace(self.proxy, started=self.proxy.started.again())
        self._started.append(self.proxy.started)
        self.supervisor = self.proxy.started.pid

    async def until_listening(self) -> float:
        """Waits until the port takes connections, and returns the time at which the first one was there."""
        while True:
            self.proxy.started.check_alive()
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.proxy.port)
                writer.close()
                return time.monotonic()
            except OSError:
                await asyncio.sleep(0.002)

    def start_sockets(self) -> str:
        """Starts a backend that echoes WebSockets, and returns its host."""
        host = "sockets.example"
        port_file = self._directory / "sockets.port"
        script = Path(__file__).with_name("sockets.py")
        echo = Started("sockets", [sys.executable, str(script), str(port_file)], self._directory)
        self._started.append(echo)
        until(echo, "listens", lambda: port_file.exists() and port_file.read_text() != "")
        self.redis.command("RPUSH", f"frontend:{host}", "sockets", f"http://127.0.0.1:{port_file.read_text()}")
        return host

    def kill_redis(self) -> None:
        self.redis.started.process.kill()
        self.redis.started.process.wait(5)

    def shut_redis_down(self) -> None:
        """Ends Redis in order: every write that was acknowledged is in its file."""
        try:
            self.redis.command("SHUTDOWN", "SAVE")
        except OSError:
            pass
        self.redis.started.process.wait(5)

    def restart_redis(self) -> None:
        self.restart(self.redis)

    def restart(self, server: Redis) -> None:
        server.restart()
        self._started.append(server.started)

    def read_from(self, driver: str) -> None:
        """Writes another driver into the file. The program reads it at its next reload."""
        config = json.loads(self.config.read_text())
        config["driver"] = [driver]
        self.config.write_text(json.dumps(config))

    def start_sentinel(self) -> None:
        """Adds a replica and a Sentinel, which finds out within a second that the master is gone."""
        self.servers = [self.redis, Redis(self._directory, "replica", "--replicaof", "127.0.0.1", str(self.redis.port))]
        self._started.append(self.servers[1].started)
        until(self.servers[1].started, "has its data", lambda: self.follows(self.servers[1]))
        self.sentinel = Sentinel(self._directory, self.redis)
        self._started.append(self.sentinel.started)
        until(self.sentinel.started, "knows the replica", lambda: b"slaves=1" in self.sentinel.command("INFO", "sentinel"))

    async def promote(self) -> None:
        """Has Sentinel promote a replica. Sentinel refuses that until it has asked the replica how far behind its master it is,
        and while another failover is not over."""
        refusal = b""

        def accepted() -> bool:
            nonlocal refusal
            refusal = self.sentinel.command("SENTINEL", "FAILOVER", "chaos")
            return refusal.startswith(b"+OK")

        try:
            await self.until("Sentinel begins a failover", accepted)
        except BenchError as error:
            raise BenchError(f"{error}: {refusal.decode().strip()}") from error

    def by_role(self) -> tuple[Redis, Redis]:
        """The server that Sentinel names as the master, and the other one."""
        port = self.sentinel.master()
        one, other = self.servers
        return (one, other) if one.port == port else (other, one)

    async def until_master(self, server: Redis) -> None:
        """Waits until Sentinel names this server, and until the server takes writes."""
        await self.until("there is another master", lambda: self.sentinel.master() == server.port)
        await self.until("it takes writes", lambda: b"role:master" in self.replication(server))

    async def until_settled(self) -> None:
        """Waits until the server that Sentinel names takes writes, and the other one has its data. Which one that is may have
        changed meanwhile: on a busy machine, a master that pauses for a second is replaced."""

        def settled() -> bool:
            master, other = self.by_role()
            follows = f"master_port:{master.port}\r\n".encode() in self.replication(other) and self.follows(other)
            return follows and b"role:master" in self.replication(master)

        # Sentinel may take half a minute to tell a server that it has become a replica
        await self.until("one server follows the other", settled, 2 * LONG)

    @staticmethod
    def replication(server: Redis) -> bytes:
        """What a server says of its replication, nothing when it does not run."""
        try:
            return server.command("INFO", "replication")
        except OSError:
            return b""

    def follows(self, server: Redis) -> bool:
        """Whether a replica has all data of its master."""
        return b"link_status:up" in self.replication(server)

    def end(self) -> None:
        if self.supervisor and self.supervisor != self.proxy.started.pid and runs(self.supervisor):
            # a supervisor that took over is not a child of this program
            os.kill(self.supervisor, signal.SIGTERM)
        for started in reversed(self._started):
            started.stop()

    def configure(self, **keys: object) -> None:
        """Writes other keys of the section server into the file. The program reads them at its next reload."""
        config = json.loads(self.config.read_text())
        config["server"].update(keys)
        self.config.write_text(json.dumps(config))
        self.workers = config["server"]["workers"]

    @property
    def config(self) -> Path:
        return self._directory / "hipache.json"

    @property
    def directory(self) -> Path:
        return self._directory

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.supervisor, number)

    def worker_pids(self) -> list[int]:
        """The ids of all workers, those that are leaving included."""
        return [process.pid for process in tree(self.supervisor) if process.depth == 1]

    def processes(self) -> list[int]:
        return [process.pid for process in tree(self.supervisor)]

    def successor(self) -> int:
        """Finds the supervisor that runs with this configuration. Its id is not written anywhere."""
        found = []
        for entry in filter(str.isdigit, os.listdir("/proc")):
            try:
                words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if str(self._directory / "hipache.json").encode() in words:
                found.append(int(entry))
        if len(found) != 1:
            raise BenchError(f"expected one supervisor behind the upgrade, found {found}")
        return found[0]

    def port_is_free(self) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", self.proxy.port))
                return True
            except OSError:
                return False

    def output(self) -> str:
        return self.proxy.started.output.read_text(errors="replace")

    def said(self, pattern: str) -> int:
        return len(re.findall(pattern, self.output()))

    async def until(self, what: str, condition, seconds: float = LONG) -> float:
        """Waits until the condition is true and returns how many seconds that took."""
        begun = time.monotonic()
        while not condition():
            if time.monotonic() > begun + seconds:
                raise BenchError(f"waited {seconds:.0f} s in vain until {what}")
            await asyncio.sleep(0.02)
        return time.monotonic() - begun

    async def until_said(self, pattern: str, times: int, seconds: float = LONG) -> None:
        await self.until(f"the log says {pattern!r} {times} times", lambda: self.said(pattern) >= times, seconds)

    def log_lines(self) -> tuple[int, int]:
        """How many whole lines and how many torn lines are in all files of the access log."""
        log = self.proxy.access_log
        lines = [line for file in log.parent.glob(log.name + "*") for line in file.read_text(errors="replace").splitlines()]
        whole = sum(LINE.fullmatch(line) is not None for line in lines)
        return whole, len(lines) - whole - sum(TUNNEL.fullmatch(line) is not None for line in lines)
