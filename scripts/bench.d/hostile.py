"""What attackers send: one class of bytes, frames or connections in each case, from this process and over loopback."""

from __future__ import annotations

import socket
import ssl
import struct
import time
from dataclasses import dataclass, field
from typing import Callable

from processes import BenchError
from programs import HOST
from proxies import Proxy

TIMEOUT = 10
READING = 0.4
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4
# As many as Hipache's budget for frames that carry nothing allows in one connection at once, and a few less.
FRAMES, STREAMS = 960, 175


@dataclass
class Sent:
    """
    What was sent: units that the proxy has really taken, the connections that are still held, and the bytes: of those
    connections, where there are any, else all.
    """

    units: int = 0
    size: int = 0
    held: list[socket.socket] = field(default_factory=list)

    def close(self) -> None:
        for connection in self.held:
            connection.close()


@dataclass(frozen=True)
class Case:
    """
    `units` is where the search for the length of a round begins: as many as keep the dearer one of nginx and HAProxy busy
    for half a second of CPU time, to a second.
    `holds`: connections are held until memory was read.
    """

    what: str
    unit: str
    units: int
    send: Callable[[Proxy, int], Sent]
    holds: bool = False


# HTTP/1.1


def dial(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), TIMEOUT)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_answers(connection: socket.socket, count: int, status: bytes) -> None:
    """Reads until `count` heads of answers have come. Another status voids the run, as soon as nothing more comes."""
    wanted = b"HTTP/1.1 " + status
    tail, data, seen = b"", b"", 0
    while seen < count:
        try:
            read = connection.recv(1 << 18)
        except OSError:
            read = b""
        if not read:
            raise BenchError(f"{seen} of {count} answers with {status.decode()}; the last bytes are {data[-300:]!r}")
        data = tail + read
        seen += data.count(wanted)
        # A head may be cut anywhere; what is kept here holds no whole one.
        tail = data[-len(wanted) + 1 :]


def requests(proxy: Proxy, units: int, request: Callable[[int], bytes], status: bytes, width: int) -> Sent:
    """One request each on `width` kept connections, then one answer each, and so on."""
    sent = Sent()
    connections = [dial(proxy.port) for _ in range(width)]
    while sent.units < units:
        for connection in connections:
            data = request(sent.units)
            connection.sendall(data)
            sent.units += 1
            sent.size += len(data)
        for connection in connections:
            read_answers(connection, 1, status)
    for connection in connections:
        connection.close()
    return sent


def unknown_hosts(proxy: Proxy, units: int) -> Sent:
    seed = f"{time.monotonic_ns():x}"
    return requests(proxy, units, lambda n: f"GET / HTTP/1.1\r\nHost: h{n}.{seed}.example\r\n\r\n".encode(), b"400", 32)


def many_fields(proxy: Proxy, units: int) -> Sent:
    fields = "".join(f"x-{number:03d}: v\r\n" for number in range(600))
    head = f"GET /small HTTP/1.1\r\nHost: {HOST}\r\n{fields}\r\n".encode()
    return requests(proxy, units, lambda _: head, b"200", 8)


def pipelined(proxy: Proxy, units: int) -> Sent:
    request, block = b"GET / HTTP/1.1\r\nHost: __ping__\r\n\r\n", 500
    connection = dial(proxy.port)
    for _ in range(units // block):
        connection.sendall(request * block)
        read_answers(connection, block, b"200")
    connection.close()
    return Sent(units // block * block, units // block * block * len(request))


def chunks(proxy: Proxy, units: int, at_once: int) -> Sent:
    """Bodies of 20,000 chunks, `at_once` chunks in each write."""
    sent, chunk, of_body = Sent(), b"1\r\nx\r\n", 20_000
    connection = dial(proxy.port)
    while sent.units < units:
        connection.sendall(f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        for _ in range(of_body // at_once):
            connection.sendall(chunk * at_once)
        connection.sendall(b"0\r\n\r\n")
        read_answers(connection, 1, b"200")
        sent.units += of_body
        sent.size += of_body * len(chunk)
    connection.close()
    return sent


# connections


def reset(connection: socket.socket) -> None:
    """Closes by a reset: thousands of connections in TIME_WAIT would use up the ports."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def connections(port: int, units: int, data: bytes, give_up: bool = False, width: int = 16) -> Sent:
    """`width` connections at a time, each with the same bytes. Reads to the end, or gives up after the first answer."""
    sent = Sent()
    while sent.units < units:
        opened = [dial(port) for _ in range(width)]
        for connection in opened:
            connection.sendall(data)
        for connection in opened:
            try:
                while connection.recv(1 << 16) and not give_up:
                    pass
            except ConnectionResetError:
                pass
            reset(connection)
        sent.units += width
        sent.size += width * len(data)
    return sent


def hello() -> bytes:
    """The first flight of a TLS client. It may be sent any number of times."""
    outgoing = ssl.MemoryBIO()
    try:
        _trusting().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=HOST).do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def hold(proxy: Proxy, units: int, data: bytes, width: int) -> Sent:
    """Holds `width` connections for a moment, then resets them and opens others. The last ones stay."""
    sent = Sent(size=width * len(data))
    while sent.units < units:
        for connection in sent.held:
            reset(connection)
        sent.held = [dial(proxy.port) for _ in range(width)]
        for connection in sent.held:
            connection.sendall(data)
        # No answer says that all was read.
        time.sleep(READING)
        sent.units += width
    return sent


def stopped_heads(proxy: Proxy, units: int, fields: int) -> Sent:
    lines = "".join(f"x-{number}: {'v' * 90}\r\n" for number in range(fields))
    return hold(proxy, units, f"GET / HTTP/1.1\r\nHost: {HOST}\r\n{lines}".encode(), 1000)


def stopped_bodies(proxy: Proxy, units: int) -> Sent:
    head = f"POST /upload HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 100000\r\n\r\n"
    return hold(proxy, units, head.encode() + b"x" * 50_000, 400)


# HTTP/2


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return struct.pack(">HBBBI", len(payload) >> 8, len(payload) & 255, kind, flags, stream) + payload


def head(stream: int, method: bytes, path: bytes, flags: int) -> bytes:
    """RFC 7541: the method and https from the static table, the others as literals that no table keeps."""
    fields = (method, b"\x87", b"\x04" + bytes([len(path)]) + path, b"\x01" + bytes([len(HOST)]) + HOST.encode())
    return frame(HEADERS, END_HEADERS | flags, stream, b"".join(fields))


def _trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    return context


class Http2:
    """One connection over TLS. `last` is the last stream that a GOAWAY has named, -1 before."""

    def __init__(self, proxy: Proxy, context: ssl.SSLContext):
        self.connection = context.wrap_socket(dial(proxy.tls_port), server_hostname=HOST)
        if self.connection.selected_alpn_protocol() != "h2":
            raise BenchError(f"{proxy.name} does not speak HTTP/2")
        self.buffer = bytearray()
        self.last = -1
        self.open = True
        self.connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(SETTINGS, 0, 0))
        self.wait(SETTINGS, ACK, 1)
        self.connection.sendall(frame(SETTINGS, ACK, 0))

    def send(self, data: bytes) -> None:
        try:
            self.connection.sendall(data)
        except (ConnectionError, ssl.SSLError):
            self.open = False

    def wait(self, kind: int, flags: int, count: int, stream: int = 0) -> int:
        """Reads until so many frames of a kind have come, or until the connection ends. Returns how many have come."""
        seen = 0
        while True:
            at = 0
            while seen < count and len(self.buffer) - at >= 9:
                high, low, found, flagged, on = struct.unpack_from(">HBBBI", self.buffer, at)
                end = at + 9 + (high << 8 | low)
                if end > len(self.buffer):
                    break
                if found == GOAWAY:
                    self.last = struct.unpack_from(">I", self.buffer, at + 9)[0]
                seen += found == kind and flagged & flags == flags and on == stream
                at = end
            del self.buffer[:at]
            if seen == count or not self.open:
                return seen
            try:
                read = self.connection.recv(1 << 16)
            except (ConnectionError, ssl.SSLError):
                read = b""
            self.buffer += read
            self.open = bool(read)

    def close(self) -> None:
        self.connection.close()


def http2(proxy: Proxy, units: int, most: int, block: Callable[[Http2, int], int]) -> Sent:
    """
    Sends blocks until all units were taken, at most `most` units over one connection. So all proxies get the same bytes,
    although Hipache ends a connection that sends many frames which carry nothing. The connections are part of the cost.
    `block` sends the next units and returns how many were taken, fewer than it sent when the connection has ended.
    """
    sent, context = Sent(), _trusting()
    while sent.units < units:
        connection, before = Http2(proxy, context), sent.units
        while sent.units < min(units, before + most) and connection.open:
            sent.units += block(connection, sent.units - before)
        connection.close()
        if sent.units == before:
            raise BenchError(f"{proxy.name} ends each HTTP/2 connection at once")
    return sent


def http2_connections(proxy: Proxy, units: int) -> Sent:
    context = _trusting()
    for _ in range(units):
        Http2(proxy, context).close()
    return Sent(units, units * 600)


def answered_frames(proxy: Proxy, units: int, one: bytes, kind: int) -> Sent:
    def block(connection: Http2, _: int) -> int:
        connection.send(one * (FRAMES // 3))
        return connection.wait(kind, ACK, FRAMES // 3)

    sent = http2(proxy, units, FRAMES, block)
    return Sent(sent.units, sent.units * len(one))


def small_data(proxy: Proxy, units: int) -> Sent:
    def block(connection: Http2, taken: int) -> int:
        stream = 2 * (taken // 16_000) + 1
        one = frame(DATA, 0, stream, b"x")
        connection.send(head(stream, b"\x83", b"/upload", 0))
        for _ in range(16):
            connection.send(one * 1000)
        connection.send(frame(DATA, END_STREAM, stream))
        if connection.wait(HEADERS, END_HEADERS, 1, stream) == 0:
            raise BenchError(f"{proxy.name} does not answer to small DATA frames")
        return 16_000

    # nginx ends a connection that has sent some millions of them.
    sent = http2(proxy, units, 1_600_000, block)
    return Sent(sent.units, sent.units * 10)


def resets(proxy: Proxy, units: int) -> Sent:
    size = len(head(1, b"\x82", b"/small", END_STREAM)) + 13

    def block(connection: Http2, taken: int) -> int:
        streams = [2 * number + 1 for number in range(taken, taken + 25)]
        connection.send(b"".join(
            head(stream, b"\x82", b"/small", END_STREAM) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08") for stream in streams
        ) + frame(PING, 0, 0, bytes(8)))  # fmt: skip
        if connection.wait(PING, ACK, 1) == 1:
            return len(streams)
        connection.open = False
        return sum(stream <= connection.last for stream in streams)

    sent = http2(proxy, units, STREAMS, block)
    return Sent(sent.units, sent.units * size)


MALFORMED = b"GET / HTTP/1.1\r\nHost: bench.example\r\nbad field\r\n\r\n"
PLAIN = f"GET /small HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
TWO_SETTINGS = frame(SETTINGS, 0, 0, struct.pack(">HIHI", 4, 65535, 5, 16384))

CASES = {
    "stopped-heads": Case(
        "heads that stop after 8 KB", "head", 12_000, lambda proxy, units: stopped_heads(proxy, units, 80), True
    ),
    "stopped-bodies": Case("bodies that stop after 50 KB", "body", 3_200, stopped_bodies, True),
    "chunks": Case(
        "chunks of 1 byte, many in a write", "chunk", 25_000_000, lambda proxy, units: chunks(proxy, units, 1000)
    ),
    "single-chunks": Case(
        "chunks of 1 byte, one in a write", "chunk", 1_000_000, lambda proxy, units: chunks(proxy, units, 1)
    ),
    "http2": Case("HTTP/2 connections with full handshakes, and nothing else", "connection", 1_000, http2_connections),
    "ping": Case(
        "PING frames", "frame", 400_000,
        lambda proxy, units: answered_frames(proxy, units, frame(PING, 0, 0, bytes(8)), PING),
    ),  # fmt: skip
    "settings": Case(
        "SETTINGS frames with two values", "frame", 600_000,
        lambda proxy, units: answered_frames(proxy, units, TWO_SETTINGS, SETTINGS),
    ),  # fmt: skip
    "data": Case("DATA frames of 1 byte", "frame", 8_000_000, small_data),
    "resets": Case("streams that are reset at once", "stream", 25_000, resets),
    "malformed": Case(
        "malformed heads, each on a new connection", "connection", 20_000,
        lambda proxy, units: connections(proxy.port, units, MALFORMED),
    ),  # fmt: skip
    "plain-on-tls": Case(
        "plain HTTP on the TLS port, each on a new connection", "connection", 16_000,
        lambda proxy, units: connections(proxy.tls_port, units, PLAIN),
    ),  # fmt: skip
    "hello": Case(
        "TLS handshakes that are given up", "connection", 2_000,
        lambda proxy, units: connections(proxy.tls_port, units, hello(), True),
    ),  # fmt: skip
    "fields": Case("heads with 600 fields", "head", 8_000, many_fields),
    "unknown-hosts": Case("requests for unknown hosts", "request", 50_000, unknown_hosts),
    "pipelined": Case("pipelined `Host: __ping__`", "request", 150_000, pipelined),
}
