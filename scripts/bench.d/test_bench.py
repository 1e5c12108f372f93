"""Tests of what the benchmarks compute and check. `python3 -m unittest discover scripts/bench.d` runs them."""

from __future__ import annotations

import argparse
import contextlib
import importlib.machinery
import io
import socket
import sys
import tempfile
import threading
import types
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent))

import footprint  # noqa: E402
import history  # noqa: E402
import jvm  # noqa: E402
import openloop  # noqa: E402
import stacks  # noqa: E402
import websocket  # noqa: E402
import workloads  # noqa: E402
from footprint import Cost, Reading, Rest  # noqa: E402
from generator import share  # noqa: E402
from idle import Idle, Kept  # noqa: E402
from processes import BenchError, Memory  # noqa: E402
from proxies import Proxy  # noqa: E402
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


def load_bench() -> types.ModuleType:
    """scripts/bench, which is a program without a suffix."""
    loader = importlib.machinery.SourceFileLoader("bench", str(Path(__file__).parent.parent / "bench"))
    module = types.ModuleType(loader.name)
    module.__file__ = loader.path
    loader.exec_module(module)
    return module


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

    def test_memory_is_compared_by_what_was_measured_and_not_by_what_was_recorded(self) -> None:
        def memory(ratio: float, *measured: str) -> dict:
            found = entry([1.0, 1.0, 1.0], measured=list(measured))
            found["workloads"]["small"]["ratios"]["nginx"] = {"pss_mb": [ratio] * 3}
            return found

        self.assertEqual(self.worse(memory(2.0, "small", "h2"), memory(1.0, "small", "h2")), [True])
        self.assertEqual(self.worse(memory(2.0, "small"), memory(1.0, "small", "h2")), [])

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

    def test_only_workloads_without_a_doubt_are_recorded(self) -> None:
        calm, disturbed = (
            Result(workload, [(one_round("hipache", other_load=load), one_round("nginx", other_load=0.0))] * 4)
            for workload, load in (("small", 0.0), ("connect", 0.5))
        )
        bench = load_bench()
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
            file = Path(folder) / "history.json"
            chosen = argparse.Namespace(
                compare=None, record=file, workers=1, cache="off", rounds=4, seconds=3, warm_up=None, workload=["small", "connect"]
            )

            self.assertEqual(bench.remember(chosen, {"date": "2026-12-01"}, [calm, disturbed], []), 1)
            self.assertEqual(list(history.read(file)[0]["workloads"]), ["small"])
            self.assertEqual(bench.remember(chosen, {"date": "2026-12-01"}, [calm], []), 0)
            self.assertEqual(len(history.read(file)), 2)
        self.assertIn("because of the doubts above: connect", said.getvalue())

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


class Weighing(unittest.TestCase):
    @staticmethod
    def cost(each: int, count: int = 100, **figures: int) -> Cost:
        return Cost(count, Reading(50_000, 60_000, 10_000), Reading(50_000 + each * count, 70_000, 10_000 + count), **figures)

    @staticmethod
    def rest(workers: int, supervisor: float, worker: float) -> Rest:
        return Rest(workers, [Memory(0, 90, supervisor), *[Memory(1, 90, worker)] * workers])

    def test_a_cost_is_what_came_on_top_for_each(self) -> None:
        cost = self.cost(3_000)

        self.assertEqual([cost.each, cost.rss_each, cost.heap_each], [3_000, 100, 1])
        self.assertIsNone(Cost(1, Reading(1, 1), Reading(2, 2)).heap_each)

    def test_each_goal_can_be_missed(self) -> None:
        good = {name: self.cost(int(goal)) for name, goal in footprint.EACH_GOALS.items()}
        bad = {name: self.cost(int(goal) + 1) for name, goal in footprint.EACH_GOALS.items()}

        self.assertEqual(footprint.missed([self.rest(2, 45, 52.5), self.rest(8, 45, 46)], good), [])
        self.assertEqual(len(footprint.missed([], bad)), len(footprint.EACH_GOALS))
        self.assertEqual(footprint.missed([self.rest(2, 46, 20)], {}), ["supervisor 46.0 MB, at most 45 wanted"])
        self.assertEqual(footprint.missed([self.rest(2, 10, 61)], {}), ["worker 61.0 MB, at most 60 wanted"])
        self.assertEqual(footprint.missed([self.rest(8, 20, 51)], {}), ["the whole with 8 workers 428.0 MB, at most 420 wanted"])
        self.assertEqual(footprint.missed([self.rest(1, 100, 100)], {}), [])

    def test_tables_say_what_is_not_known(self) -> None:
        text = footprint.each_table({"tls": self.cost(8_000, kernel=200_000)}, {"tls": self.cost(12_000)}, {"tls": "TLS"})
        alone = footprint.each_table({"tls": Cost(1, Reading(0, 0), Reading(900, 900))}, {}, {"tls": "TLS"})

        self.assertIn("| TLS | 100 | 8.00 (0.10) | 0.00 | 9 | 12.00 (0.10) | 2.00 |", text)
        self.assertIn("| TLS | 1 | 0.90 (0.90) | – | 9 | – | – |", alone)
        row = "| 2 | 40.0 | 50.0 | 140.0 | 150 | – | 5.0 |"
        self.assertIn(row, footprint.rest_table([self.rest(2, 40, 50)], {2: 5.0}))

    def test_the_heap_is_its_generations_without_metaspace(self) -> None:
        text = """123:
 def new generation   total 9216K, used 1000K [0x00, 0x01, 0x02)
  eden space 8192K,  12% used [0x00, 0x01, 0x02)
 tenured generation   total 14336K, used 4096K [0x00, 0x01, 0x02)
   the space 14336K,  28% used [0x00, 0x01, 0x02)
 Metaspace       used 25000K, committed 25600K, reserved 1073152K
"""

        self.assertEqual(jvm.heap_used(text), 5096 * 1024)
        self.assertRaises(BenchError, jvm.heap_used, "123:\nCould not find it\n")

    def test_every_kind_of_native_memory_is_counted(self) -> None:
        text = """Total: reserved=9KB, committed=9KB
-                 Java Heap (reserved=262144KB, committed=24576KB)
                            (mmap: reserved=262144KB, committed=24576KB)
-                     Class (reserved=1KB, committed=2KB)
-                 Metaspace (reserved=1KB, committed=3KB)
-                  Internal (reserved=1KB, committed=5KB)
-                     Other (reserved=1KB, committed=7KB)
"""
        kinds = jvm.native(text)

        self.assertEqual([kinds[kind] // 1024 for kind in ("heap", "metaspace", "native", "threads")], [24576, 5, 12, 0])
        self.assertRaises(BenchError, jvm.native, "Native memory tracking is not enabled")

    def test_the_kernel_counts_objects_and_buffers(self) -> None:
        sockstat = "sockets: used 9\nTCP: inuse 5 orphan 0 tw 1 alloc 6 mem 3\nUDP: inuse 1 mem 7\n"

        self.assertEqual(footprint.kernel("MemFree: 5 kB\nSlab: 9 kB\nSUnreclaim:  2 kB\n", sockstat, 4096), 2 * 1024 + 3 * 4096)

    def test_descriptors_bound_what_is_held(self) -> None:
        self.assertEqual(footprint.fitting(10_000, 1_048_576, 2), 10_000)
        self.assertEqual(footprint.fitting(10_000, 8_400, 2), 4_000)
        self.assertEqual(footprint.fitting(10_000, 100, 1), 1)

    def test_a_connection_that_ends_while_it_is_held_is_noticed(self) -> None:
        server = socket.create_server(("127.0.0.1", 0))
        with server:
            answered: list[socket.socket] = []

            def serve() -> None:
                for _ in range(2):
                    one, _ = server.accept()
                    one.recv(1000)
                    one.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nright")
                    answered.append(one)

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            proxy = Proxy("x", None, server.getsockname()[1], Path())
            with Idle(lambda number: Kept(proxy, number, "right"), 2) as clients:
                thread.join(10)
                answered[1].close()
                self.assertRaisesRegex(BenchError, "1 of 2 connections", clients.check)
            answered[0].close()


class Counting(unittest.TestCase):
    def test_calls_of_the_system_count_by_their_innermost_frame(self) -> None:
        below = ["io/netty/channel/epoll/EpollIoHandler.run", "io/hipache/proxy/http1/Http1Client.responseHead"]

        for frame, wanted in {
            "__GI___send": "send", "writev": "send", "recv": "recv", "epoll_pwait2": "epoll_wait", "__GI_epoll_ctl": "open and close",
            "__libc_accept4": "open and close", "sender": "proxy", "resend": "proxy",
        }.items():  # fmt: skip
            self.assertEqual(stacks.part([*below, frame]), wanted, frame)

    def test_the_innermost_owner_counts(self) -> None:
        outer = "io/netty/handler/ssl/SslHandler.decode"

        for inner, wanted in {
            "io/netty/internal/tcnative/SSL.readFromSSL": "TLS", "io/hipache/http/RequestDecoder.decode": "HTTP",
            "io/hipache/http2/HeaderBlocks.read": "HTTP", "io/hipache/accesslog/LineBuffer.append": "access log",
            "io/lettuce/core/protocol/CommandHandler.decode": "look-ups", "io/hipache/proxy/exchange/Exchange.run": "proxy",
            "io/netty/buffer/PoolArena.allocate": "Netty",
        }.items():  # fmt: skip
            self.assertEqual(stacks.part([outer, inner, "java/lang/String.length", "fe4_add"]), wanted, inner)
        self.assertEqual(stacks.part(["clone3", "CompileBroker::compiler_thread_loop", "Dict::Insert"]), "compiler")
        self.assertEqual(stacks.part(["clone3", "start_thread"]), "other")

    def test_samples_add_up(self) -> None:
        counted = stacks.count(["a;recv 3\n", "b;c;recv 4\n", "io/hipache/net/ReadGate.<init> 1\n"])

        self.assertEqual(counted, {"recv": 7, "proxy": 1})
        self.assertRaises(BenchError, stacks.count, ["a;recv\n"])
        row = stacks.table({"small": counted}).splitlines()[-1]
        self.assertTrue(row.startswith("| [small](small.html) | 8 | 0 | 88 | 0 |"), row)

    def test_a_page_that_tells_of_the_machine_is_refused(self) -> None:
        good = "<html>\n<head>\n</head>  \n<script>f(0,0,12,'a/b')</script>"

        self.assertEqual(stacks.clean(good, "x"), good.replace("  \n", "\n").replace("<head>", "<head>\n<title>x</title>") + "\n")
        for told in ("/tmp/hipache-bench-x/libx.so", "/usr/lib/jvm/java", "[main tid=4711]", "Lambda.0x00007f01"):
            self.assertRaisesRegex(BenchError, "tells", stacks.clean, good + told, "x")
        self.assertRaisesRegex(BenchError, "complete", stacks.clean, good + '<script src="https://x.example/d3.js"></script>', "x")


if __name__ == "__main__":
    unittest.main()
