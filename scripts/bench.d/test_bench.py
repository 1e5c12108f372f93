"""Tests of what the benchmarks compute and check. `python3 -m unittest discover scripts/bench.d` runs them."""

from __future__ import annotations

import socket
import sys
import tempfile
import threading
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import history  # noqa: E402
import openloop  # noqa: E402
import websocket  # noqa: E402
import workloads  # noqa: E402
from generator import share  # noqa: E402
from processes import BenchError  # noqa: E402
from report import Result, table  # noqa: E402
from rounds import Round  # noqa: E402


def entry(ratio: list[float], peer: str = "nginx", rounds: int = 16, **settings: object) -> dict:
    return {
        "facts": {"date": "2026-11-30", "commit": "0123456789ab"},
        "settings": {"workers": 1, "cache": "off", "seconds": 3, **settings},
        "workloads": {"small": {"rounds": rounds, "hipache": {"cpu_us": 15.0}, "ratios": {peer: {"cpu_us": ratio}}}},
    }


def one_round(proxy: str, **figures: float) -> Round:
    values = {name: 1.0 for name in Round.__dataclass_fields__}
    return Round(**{**values, "requests": 100, **figures, "proxy": proxy})


class Comparing(unittest.TestCase):
    def worse(self, now: dict, *entries: dict) -> list[bool]:
        return [one.worse for one in history.compare(now, list(entries))]

    def test_ten_percent_more_are_allowed_and_eleven_are_not(self) -> None:
        then = entry([1.0, 0.99, 1.01])

        self.assertEqual(self.worse(entry([1.09, 1.08, 1.10]), then), [False])
        self.assertEqual(self.worse(entry([1.11, 1.10, 1.12]), then), [True])
        self.assertEqual(self.worse(entry([0.5, 0.5, 0.5]), then), [False])

    def test_noise_of_either_run_allows_more(self) -> None:
        calm, noisy = [1.0, 0.99, 1.01], [1.0, 0.7, 1.5]

        self.assertEqual(self.worse(entry([1.15, 1.14, 1.16]), entry(noisy)), [False])
        self.assertEqual(self.worse(entry([1.15, 0.7, 1.5]), entry(calm)), [False])
        self.assertEqual(self.worse(entry([1.35, 0.9, 1.7]), entry(noisy)), [True])

    def test_more_rounds_make_less_noise(self) -> None:
        self.assertAlmostEqual(history.noise([2.0, 1.0, 3.0], 4), 0.5)
        self.assertAlmostEqual(history.noise([2.0, 1.0, 3.0], 16), 0.25)

    def test_the_latest_entry_with_the_same_settings_counts(self) -> None:
        now = entry([1.2, 1.19, 1.21])

        self.assertEqual(self.worse(now, entry([1.0, 0.99, 1.01]), entry([1.2, 1.19, 1.21])), [False])
        self.assertEqual(self.worse(now, entry([1.0, 0.99, 1.01]), entry([1.2, 1.19, 1.21], workers=2)), [True])
        self.assertEqual(self.worse(now, entry([1.0, 0.99, 1.01]), entry([1.2, 1.19, 1.21], cache="tracking")), [True])

    def test_what_the_history_does_not_have_is_left_out(self) -> None:
        self.assertEqual(self.worse(entry([9.0, 9.0, 9.0]), entry([1.0, 1.0, 1.0], peer="haproxy")), [])
        self.assertEqual(self.worse(entry([9.0, 9.0, 9.0])), [])
        self.assertEqual(history.alike({"workers": 1, "cache": "off"}, ["huge"], [entry([1.0, 1.0, 1.0])]), [])

    def test_memory_is_compared_with_a_run_of_the_same_workloads(self) -> None:
        now, then = entry([1.0, 1.0, 1.0]), entry([1.0, 1.0, 1.0])
        now["workloads"]["small"]["ratios"]["nginx"] = {"pss_mb": [30.0, 30.0, 30.0]}
        then["workloads"]["small"]["ratios"]["nginx"] = {"pss_mb": [20.0, 20.0, 20.0]}
        other = {**then, "workloads": {**then["workloads"], "hosts": {"rounds": 16, "ratios": {}}}}

        self.assertEqual(self.worse(now, then, other), [True])
        self.assertEqual(self.worse(now, other), [])

    def test_an_entry_is_read_as_it_was_appended(self) -> None:
        rounds = [(one_round("hipache", cpu_us=3.0), one_round("nginx", cpu_us=2.0))] * 4
        result = Result("hosts", rounds, alone=[one_round("hipache", cpu_us=1.5)] * 4)
        new = history.entry({"date": "2026-11-30"}, {"workers": 1}, [result])
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "benchmarks" / "history.json"
            history.append(file, new)
            history.append(file, entry([1.0, 1.0, 1.0]))

            self.assertEqual(history.read(file), [new, entry([1.0, 1.0, 1.0])])
        ratios = new["workloads"]["hosts"]["ratios"]
        self.assertEqual(ratios["nginx"]["cpu_us"], [1.5, 1.5, 1.5])
        self.assertEqual(ratios[history.OWN_SMALL]["cpu_us"], [2.0, 2.0, 2.0])

    def test_a_file_that_is_no_history_is_refused(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "history.json"
            file.write_text("{}")

            self.assertRaises(BenchError, history.read, file)
            self.assertRaises(BenchError, history.read, Path(folder) / "none.json")


class Reporting(unittest.TestCase):
    def test_the_table_has_a_ratio_to_each_peer(self) -> None:
        figures = {"hipache": 6.0, "nginx": 2.0, "haproxy": 4.0}
        result = Result("websocket", [tuple(one_round(name, cpu_us=cost) for name, cost in figures.items())])

        text = table(result)

        self.assertIn("| | hipache | nginx | to nginx | haproxy | to haproxy |", text)
        row = "| CPU per message, µs | 6.0 (6.0–6.0) | 2.0 (2.0–2.0) | 3.00 (3.00–3.00) | 4.0 (4.0–4.0) | 1.50 (1.50–1.50) |"
        self.assertIn(row, text)

    def test_a_peer_without_a_tick_of_cpu_time_has_no_ratio(self) -> None:
        result = Result("rate-400", [(one_round("hipache"), one_round("nginx", user_us=0.0))])

        self.assertIn("| … user | 1.0 (1.0–1.0) | 0.0 (0.0–0.0) | – |", table(result))

    def test_shares_are_values_that_were_measured(self) -> None:
        values = range(1, 1001)

        self.assertEqual([share(values, part) for part in (0.5, 0.99, 0.999, 1.0)], [501, 991, 1000, 1000])

    def test_all_is_every_workload_once(self) -> None:
        self.assertEqual(workloads.expand(["rate", "all"])[:2], ["rate-400", "rate-2000"])
        self.assertEqual(sorted(workloads.expand(["rate", "all"])), sorted(workloads.WORKLOADS))


class Answering:
    """A server of one connection. It reads requests of a fixed size and answers each with what `answer` makes of it."""

    def __init__(self, size: int, answer, head: bytes = b""):
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._size, self._answer, self._head = size, answer, head
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Answering:
        self._thread.start()
        return self

    def __exit__(self, *_) -> None:
        self._thread.join(10)
        self._listening.close()

    def _run(self) -> None:
        connection, _ = self._listening.accept()
        with connection, connection.makefile("rb") as requests:
            if self._head:
                while requests.readline() != b"\r\n":
                    pass
                connection.sendall(self._head)
            while request := requests.read(self._size):
                connection.sendall(self._answer(request))


class Checking(unittest.TestCase):
    HEAD = f"HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: {websocket.ACCEPT}\r\n\r\n".encode()
    SIZE = len(websocket.FROM_CLIENT) + websocket.SIZE

    @staticmethod
    def echo(message: bytes) -> bytes:
        return websocket.FROM_BACKEND + message[len(websocket.FROM_CLIENT) :]

    def load(self, answer, head: bytes) -> tuple[int, str]:
        with Answering(self.SIZE, answer, head) as server:
            took, _, failure = websocket.load(server.port, "x", "/", 0, 1, 0.1)
        return len(took), failure

    def test_echoes_are_counted(self) -> None:
        echoes, failure = self.load(self.echo, self.HEAD)

        self.assertEqual(failure, "")
        self.assertGreater(echoes, 0)

    def test_a_wrong_byte_of_an_echo_is_noticed(self) -> None:
        self.assertIn("is not the echo of", self.load(lambda message: self.echo(message)[:-1] + b"y", self.HEAD)[1])

    def test_an_echo_of_another_message_is_noticed(self) -> None:
        first: list[bytes] = []

        def always_the_first(message: bytes) -> bytes:
            first.append(message)
            return self.echo(first[0])

        self.assertIn("is not the echo of", self.load(always_the_first, self.HEAD)[1])

    def test_another_answer_to_the_upgrade_is_noticed(self) -> None:
        head = self.HEAD.replace(websocket.ACCEPT.encode(), b"AAAA")

        self.assertIn("no WebSocket", self.load(self.echo, head)[1])

    def test_the_open_loop_notices_a_wrong_body(self) -> None:
        request = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        statuses = []
        for body in (b"right", b"wrong"):
            answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + body
            with Answering(len(request), lambda _: answer) as server:
                loop = openloop.OpenLoop(server.port, request, 1, 100, b"right")
                loop.run(0.1)
                loop.close()
            statuses.append([status for _, status, _ in loop.answers])

        self.assertEqual(statuses, [[200] * 10, [0] * 10])


if __name__ == "__main__":
    unittest.main()
