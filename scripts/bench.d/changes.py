"""Changes routes in Redis at a steady rate until it is ended: 10,000 other hosts, and now and then the host under load."""

from __future__ import annotations

import socket
import sys
import time

HOSTS = 10_000
# One of so many changes is of the host under load.
OWN = 100
PAUSE = 0.01


def command(*words: str) -> bytes:
    return f"*{len(words)}\r\n{''.join(f'${len(word)}{chr(13)}{chr(10)}{word}{chr(13)}{chr(10)}' for word in words)}".encode()


def main() -> None:
    port, rate, host, backend = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
    with socket.create_connection(("127.0.0.1", port)) as redis:
        replies = redis.makefile("rb")

        def send(commands: list[bytes]) -> None:
            redis.sendall(b"".join(commands))
            for _ in commands:
                line = replies.readline()
                if line.startswith(b"-") or not line:
                    raise SystemExit(f"Redis says {line!r}")

        for first in range(0, HOSTS, 1000):
            send([command("DEL", f"frontend:h{n}.example") for n in range(first, first + 1000)])
            send([command("RPUSH", f"frontend:h{n}.example", "h", backend) for n in range(first, first + 1000)])
        print("ready", flush=True)
        done = 0
        begun = time.monotonic()
        while True:
            due = int((time.monotonic() - begun) * rate) - done
            send([
                command("LSET", f"frontend:{host if n % OWN == 0 else f'h{n % HOSTS}.example'}", "1", backend)
                for n in range(done, done + due)
            ])  # fmt: skip
            done += due
            time.sleep(PAUSE)


if __name__ == "__main__":
    main()
