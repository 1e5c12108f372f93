#!/usr/bin/env python3
"""What splice(2) could save a proxy that passes bytes on in the clear, measured without the proxy.

A relay of one thread passes bytes between a client and a server on loopback: once by recv and send, as Netty does, and once by
splice through a pipe. Figures are the system time of the relay, because Python's own time is no part of the question.

    python3 relay.py            # five rounds of each, half a minute; needs Python 3.10
"""

import fcntl
import os
import resource
import socket
import statistics
import threading

ROUNDS = 5
PIECE = 64 << 10


def listen():
    server = socket.create_server(("127.0.0.1", 0))
    return server, server.getsockname()


def copy(source, target, buffer):
    count = source.recv_into(buffer)
    if not count:
        raise EOFError
    target.sendall(memoryview(buffer)[:count])
    return count


def splice(source, target, pipe):
    count = os.splice(source.fileno(), pipe[1], PIECE)
    if not count:
        raise EOFError
    left = count
    while left:
        left -= os.splice(pipe[0], target.fileno(), left)
    return count


def receive(sock, wanted):
    buffer = bytearray(1 << 20)
    got = 0
    while got < wanted:
        count = sock.recv_into(buffer)
        if not count:
            raise EOFError
        got += count


def echoes(count, size):
    """Each message and its echo pass the relay."""
    message = b"x" * size

    def client(sock):
        for _ in range(count):
            sock.sendall(message)
            receive(sock, size)

    def server(sock):
        for _ in range(count):
            receive(sock, size)
            sock.sendall(message)

    def relay(near, far, move, tool):
        for _ in range(count):
            for source, target in ((near, far), (far, near)):
                moved = 0
                while moved < size:
                    moved += move(source, target, tool)

    return client, server, relay, count, "message and echo of %d bytes" % size


def downloads(count, size):
    """The server sends, as with a large answer."""
    block = b"x" * (1 << 20)

    def client(sock):
        receive(sock, count * size)

    def server(sock):
        for _ in range(count * size // len(block)):
            sock.sendall(block)

    def relay(near, far, move, tool):
        moved = 0
        while moved < count * size:
            moved += move(far, near, tool)

    return client, server, relay, count, "answer of %d MiB" % (size >> 20)


def run(scenario, by_splice):
    client, server, relay, count, _ = scenario
    front, front_address = listen()
    back, back_address = listen()
    # client and server are processes of their own, so that their time does not count
    child = os.fork()
    if child == 0:
        far = threading.Thread(target=lambda: server(back.accept()[0]))
        far.start()
        near = socket.create_connection(front_address)
        near.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        client(near)
        far.join()
        os._exit(0)
    near = front.accept()[0]
    far = socket.create_connection(back_address)
    for sock in (near, far):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    pipe = os.pipe()
    fcntl.fcntl(pipe[1], fcntl.F_SETPIPE_SZ, 1 << 20)
    tool = pipe if by_splice else bytearray(PIECE)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_stime
    relay(near, far, splice if by_splice else copy, tool)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_stime - before
    if os.waitpid(child, 0)[1] != 0:
        raise RuntimeError("the client or the server failed")
    for end in pipe:
        os.close(end)
    for sock in (near, far, front, back):
        sock.close()
    return spent / count * 1e6


def main():
    for scenario in (echoes(20_000, 100), echoes(5_000, 10_000), downloads(100, 1 << 20), downloads(50, 10 << 20)):
        figures = {False: [], True: []}
        for number in range(ROUNDS):
            for by_splice in ((False, True) if number % 2 == 0 else (True, False)):
                figures[by_splice].append(run(scenario, by_splice))
        ratios = [b / a for a, b in zip(figures[False], figures[True])]
        show = lambda some, form: (form + " (" + form + "–" + form + ")") % (statistics.median(some), min(some), max(some))
        print("| %s | %s | %s | %s |" % (
            scenario[4], show(figures[False], "%.1f"), show(figures[True], "%.1f"), show(ratios, "%.2f")), flush=True)


if __name__ == "__main__":
    main()
