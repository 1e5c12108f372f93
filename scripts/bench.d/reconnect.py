"""Workers of a fleet that lose their Redis and look for it again, as `RedisLink`, `SentinelWatch` and `Backoff` of the driver do.

- A connection that had lasted is opened again at once. Each further attempt waits for 25, 50, then 100 ms, half of it more or less
  at random.
- Under Sentinel each attempt opens a connection to the first Sentinel that answers, logs in, asks for the master, and subscribes to
  +switch-master. The connection of the attempt before is closed.
- A master that does not answer a PING for 2 s is given up."""

from __future__ import annotations

import errno
import heapq
import random
import select
import socket
import time
from typing import Callable

from changes import command
from tracked import BEAT, CHECKER_POLL, LOOK_UP, host, look_up, messages

STEADY = 2.0
APART = 0.05
FIRST_MS, LONGEST_SHIFT = 25, 2
STALLED = 2.0
CONNECT_TIMEOUT = 3.0
SENTINEL_TIMEOUT = 2.0
SWITCH = b"+switch-master"


class Backoff:
    def __init__(self):
        self.attempts = 0

    def next(self) -> float:
        pause = FIRST_MS << min(self.attempts, LONGEST_SHIFT)
        self.attempts += 1
        return (pause // 2 + random.randrange(pause)) / 1000


class Loop:
    """An event loop: sockets and timers, with no cost for what does not happen."""

    def __init__(self):
        self.epoll = select.epoll()
        self.channels: dict[int, Channel] = {}
        self.timers: list = []
        self.number = 0
        self.late = 0.0
        # the time of each attempt to connect, and whether it was to a Sentinel
        self.attempts: list[tuple[float, bool]] = []

    def later(self, seconds: float, task: Callable[[], None]) -> None:
        self.number += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.number, task))

    def turn(self, longest: float) -> None:
        now = time.monotonic()
        wait = min(longest, max(0.0, self.timers[0][0] - now)) if self.timers else longest
        for number, events in self.epoll.poll(wait, 512):
            channel = self.channels.get(number)
            if channel:
                channel.ready(events)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            due, _, task = heapq.heappop(self.timers)
            self.late = max(self.late, now - due)
            task()


class Channel:
    """A connection that sends one request after the other, each when the last one has its reply, and then tells what comes."""

    def __init__(self, loop: Loop, port: int, source: str, steps: list, seconds: float, sentinel: bool, opened, failed, said):
        self.loop, self.steps, self.opened, self.failed, self.said = loop, steps, opened, failed, said
        self.step = -1
        self.buffer = b""
        self.open = True
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.bind((source, 0))
        loop.attempts.append((time.time(), sentinel))
        code = self.socket.connect_ex(("127.0.0.1", port))
        loop.channels[self.socket.fileno()] = self
        loop.epoll.register(self.socket, select.EPOLLOUT)
        if code not in (0, errno.EINPROGRESS):
            loop.later(0, self.fail)
        loop.later(seconds, self.expire)

    def ready(self, events: int) -> None:
        if self.step < 0:
            if self.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                self.fail()
                return
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.loop.epoll.modify(self.socket, select.EPOLLIN)
            self.advance()
            return
        try:
            data = self.socket.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.fail()
        elif self.step < len(self.steps):
            self.buffer += data
            if self.buffer.startswith(b"-"):
                self.fail()
            elif self.steps[self.step][1](self.buffer):
                self.advance()
        else:
            self.said(data)

    def advance(self) -> None:
        self.step += 1
        if self.step == len(self.steps):
            found, self.buffer = self.buffer, b""
            self.opened(found)
            return
        self.buffer = b""
        self.send(self.steps[self.step][0])

    def send(self, request: bytes) -> None:
        try:
            self.socket.send(request)
        except OSError:
            pass  # the end of the connection is told by epoll

    def expire(self) -> None:
        if self.open and self.step < len(self.steps):
            self.fail()

    def fail(self) -> None:
        if self.open:
            self.close()
            self.failed()

    def close(self) -> None:
        if self.open:
            self.open = False
            del self.loop.channels[self.socket.fileno()]
            self.loop.epoll.unregister(self.socket)
            self.socket.close()


def ends_with(last: bytes) -> Callable[[bytes], bool]:
    return lambda found: found.endswith(last + b"\r\n")


def is_address(found: bytes) -> bool:
    return found.startswith(b"*2\r\n") and found.count(b"\r\n") == 5 or found.startswith(b"*-1")


class Worker:
    """One worker: its connection to Redis, and the one to a Sentinel if there are Sentinels."""

    def __init__(self, loop: Loop, number: int, redis: int, sentinels: list[int], script: str, hosts: int, pace: float):
        self.loop, self.number, self.address, self.sentinels, self.script = loop, number, redis, sentinels, script
        self.source = f"127.1.{number // 8 % 250}.{number // 2000 + 1}"
        self.backoff, self.sentinel_backoff = Backoff(), Backoff()
        self.redis: Channel | None = None
        self.watching: Channel | None = None
        self.next_sentinel = 0
        self.moved = self.connected = self.useful = False
        self.connected_at = self.connected_wall = self.lost_wall = 0.0
        self.pinged = 0.0
        self.current = 0
        self.hosts, self.pace = hosts, pace
        self.unread = self.answers = 0
        self.polled = time.monotonic() + random.uniform(0, CHECKER_POLL)

    def open(self) -> None:
        self.moved = False
        if self.sentinels:
            self.search(len(self.sentinels))
        else:
            self.connect(self.address)

    def search(self, left: int) -> None:
        if self.watching:
            self.watching.close()
        port = self.sentinels[self.next_sentinel % len(self.sentinels)]

        def found(reply: bytes) -> None:
            lines = reply.split(b"\r\n")
            if len(lines) < 5:
                failed()
                return
            self.sentinel_backoff.attempts = 0
            self.watching.failed = self.sentinel_lost
            self.watching.send(command("SUBSCRIBE", SWITCH.decode()))
            self.current = int(lines[4])
            self.connect(self.current)

        def failed() -> None:
            self.next_sentinel += 1
            if left > 1:
                self.search(left - 1)
            else:
                self.loop.later(self.backoff.next(), self.open)

        def told(data: bytes) -> None:
            if SWITCH in data and b" " in data and not data.rstrip().endswith(f" {self.current}".encode()):
                self.moved = True
                self.lost("has moved")

        self.watching = Channel(self.loop, port, self.source, [
            (command("PING"), ends_with(b"+PONG")),
            (command("CLIENT", "SETNAME", f"hipache:machine{self.number // 8}:{self.number}:sentinel"), ends_with(b"+OK")),
            (command("SENTINEL", "get-master-addr-by-name", "chaos"), is_address),
        ], SENTINEL_TIMEOUT, True, found, failed, told)  # fmt: skip

    def sentinel_lost(self) -> None:
        self.loop.later(self.sentinel_backoff.next(), lambda: self.connected and self.search(len(self.sentinels)))

    def connect(self, port: int) -> None:
        self.redis = Channel(self.loop, port, self.source, [
            (command("PING"), ends_with(b"+PONG")),
            (command("CLIENT", "SETNAME", f"hipache:machine{self.number // 8}:{self.number}:read"), ends_with(b"+OK")),
            (command("HELLO", "3") + command(
                "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "frontend:", "PREFIX", "dead:", "PREFIX", "tls:"
            ), ends_with(b"\r\n+OK")),
            (command("GET", "hchecker_ping"), ends_with(b"_")),
        ], CONNECT_TIMEOUT, False, self.opened, lambda: self.loop.later(self.backoff.next(), self.open), self.heard)  # fmt: skip

    def opened(self, _: bytes) -> None:
        self.redis.failed = lambda: self.lost("connection lost")
        self.connected, self.useful = True, False
        self.connected_at, self.connected_wall = time.monotonic(), time.time()
        self.pinged = 0.0
        if self.moved:
            self.lost("has moved")
            return
        self.unread, self.answers = self.hosts, 0
        self.read_again(self.redis)
        self.loop.later(BEAT, lambda channel=self.redis: self.beat(channel))

    def read_again(self, channel: Channel) -> None:
        """What was in memory counts no more: the first request for each host asks Redis."""
        if channel.open and self.unread:
            self.unread -= 1
            channel.send(look_up(self.script, self.next_host()))
            self.loop.later(random.uniform(0, 2 / self.pace), lambda: self.read_again(channel))

    def next_host(self) -> str:
        return host(self.number * 7 + self.unread)

    def beat(self, channel: Channel) -> None:
        if not channel.open:
            return
        now = time.monotonic()
        if not self.pinged:
            self.pinged = now
            channel.send(command("PING"))
        elif now - self.pinged > STALLED:
            self.lost("no answer any more")
            return
        if now > self.polled:
            self.polled = now + CHECKER_POLL
            channel.send(command("GET", "hchecker_ping"))
        self.loop.later(BEAT, lambda: self.beat(channel))

    def heard(self, data: bytes) -> None:
        if b"+PONG\r\n" in data:
            self.pinged = 0.0
        if b"-NOSCRIPT" in data:
            # a server that was a replica does not know the scripts of its master
            self.redis.send(look_up(LOOK_UP, self.next_host(), "EVAL") * data.count(b"-NOSCRIPT"))
        if b"\r\nsite" in data:
            self.answers += data.count(b"\r\nsite")
            self.useful = True

    def lost(self, _: str) -> None:
        if not self.connected:
            return
        self.connected = False
        self.unread = self.answers = 0
        self.redis.close()
        self.lost_wall = time.time()
        lasted = time.monotonic() - self.connected_at
        good = self.useful or lasted > STEADY
        if good:
            self.backoff.attempts = 0
        self.loop.later(0 if good and lasted > APART else self.backoff.next(), self.open)


def workers(pipe, first: int, count: int, redis: int, sentinels: list[int], script: str, hosts: int, pace: float) -> None:
    """The life of a process with workers. They tell what they have seen since they were asked last."""
    loop = Loop()
    ours = [Worker(loop, number, redis, sentinels, script, hosts, pace) for number in range(first, first + count)]
    for number, one in enumerate(ours):
        loop.later(number * 0.002, one.open)
    cpu, begun = time.process_time(), time.monotonic()
    while True:
        loop.turn(0.05)
        for (word,) in messages(pipe):
            if word == "state":
                pipe.send((sum(one.connected for one in ours), sum(one.answers >= one.hosts for one in ours)))
            elif word == "figures":
                now = time.monotonic()
                pipe.send({
                    "attempts": loop.attempts, "late": loop.late, "cpu": (time.process_time() - cpu) / (now - begun),
                    "lost": [one.lost_wall for one in ours], "connected": [one.connected_wall for one in ours],
                })  # fmt: skip
                loop.attempts, loop.late = [], 0.0
                cpu, begun = time.process_time(), now
