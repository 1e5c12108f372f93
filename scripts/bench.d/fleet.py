"""Very many hosts: who has which backends, the programs in front of them, and their configurations."""

from __future__ import annotations

import itertools
import random
import socket
from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path

import changes
from mint import Certificates
from processes import BenchError, Started
from programs import Redis, free_port, get, launch_nginx
from proxies import FORWARDED, NGINX_LOG, NGINX_TLS, Proxy, launch_haproxy

# Host n has two backends of group n % groups, and at times the third one. A backend is known by its address.
groups = 8
MOST_GROUPS = 20_000
# With more groups the backend listens on all addresses of the machine, instead of on each of theirs.
MOST_LISTENING = 100
PROBE = "probe.example"
GENERATION = "generation.example"
# the certificate of all hosts that have none of their own
ANY = "*.example"
DRAWS = 200_000
BATCH = 5_000
# where the backends tell how many connections they have accepted
STATUS = "/accepted-connections"


def host(number: int) -> str:
    return f"h{number}.example"


def addresses(number: int, extra: bool = False) -> list[str]:
    first = 3 * (number % groups)
    return [f"127.1.{one // 250}.{one % 250 + 1}" for one in range(first, first + (3 if extra else 2))]


def probe_address(side: int) -> str:
    return f"127.0.2.{side + 1}"


def pool(number: int, extra: bool) -> str:
    """The name of the host's backends in the configurations of the others."""
    return f"g{number % groups}{'x' if extra else ''}"


def pools() -> dict[str, list[str]]:
    found = {pool(group, extra): addresses(group, extra) for group in range(groups) for extra in (False, True)}
    return {**found, **{f"p{side}": [probe_address(side)] for side in (0, 1)}}


def draw(hosts: int, count: int, seed: int) -> list[int]:
    """Numbers of hosts by Zipf's law: the first host comes twice as often as the second one. The same ones on every run."""
    sums = list(itertools.accumulate(1 / rank for rank in range(1, hosts + 1)))
    chance = random.Random(seed)
    return [min(hosts - 1, bisect_left(sums, chance.random() * sums[-1])) for _ in range(count)]


def start_backend(directory: Path) -> tuple[Started, int]:
    """All backends: one nginx with an address for each. It answers with the host that was asked for, and its address."""
    port = free_port()
    every = ["127.0.0.1", *(one for each in pools().values() for one in each)] if groups <= MOST_LISTENING else ["*"]
    listen = "\n".join(f"        listen {address}:{port} backlog=4096;" for address in dict.fromkeys(every))
    started = launch_nginx("backend", directory, f"""\
    access_log off;
    server {{
{listen}
        location / {{ return 200 "$host $server_addr"; }}
        location = {STATUS} {{ stub_status; }}
    }}""")
    return started, port


def accepted(backend: int) -> int:
    """How many connections the backends have accepted, with the one that asks."""
    status, text = get(backend, "status", STATUS)
    if status != 200:
        raise BenchError(f"the backend answers {STATUS} with {status}")
    # "accepts handled requests", and below it their numbers
    return int(text.split(b"requests\n")[1].split()[0])


def fill(redis: Redis, hosts: int, backend: int) -> None:
    """Writes the routes of all hosts, and nothing else is left in Redis."""
    def route(number: int) -> bytes:
        return changes.command(
            "RPUSH", f"frontend:{host(number)}", host(number), *(f"http://{one}:{backend}" for one in addresses(number))
        )

    with Pipeline(redis.port) as pipeline:
        pipeline.send([changes.command("FLUSHALL")])
        for first in range(0, hosts, BATCH):
            pipeline.send([route(number) for number in range(first, min(hosts, first + BATCH))])
        pipeline.send([changes.command("RPUSH", f"frontend:{PROBE}", "probe", f"http://{probe_address(0)}:{backend}")])


class Pipeline:
    """A connection to Redis. Commands are sent together, and their replies are read together."""

    def __init__(self, port: int):
        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.replies = self.socket.makefile("rb")

    def send(self, commands: list[bytes]) -> None:
        """Returns when Redis has acknowledged all of them. No command may have a reply of more than one line."""
        self.socket.sendall(b"".join(commands))
        for _ in commands:
            line = self.replies.readline()
            if line.startswith(b"-") or not line:
                raise BenchError(f"Redis says {line!r}")

    def __enter__(self) -> Pipeline:
        return self

    def __exit__(self, *_) -> None:
        self.replies.close()
        self.socket.close()


# What nginx does with each request, beside finding its backend.
NGINX_JOB = f"""\
            proxy_http_version 1.1;
            proxy_set_header Connection "";
{FORWARDED}"""


@dataclass(frozen=True)
class Table:
    """The file that tells nginx or HAProxy the pool of each host."""

    path: Path
    # nginx ends each line with a semicolon
    end: str
    lines: list[str]

    @staticmethod
    def of(path: Path, end: str, hosts: int) -> Table:
        table = Table(path, end, [f"{host(number)} {pool(number, False)}{end}\n" for number in range(hosts)])
        table.write(0, 0)
        return table

    def set(self, number: int, extra: bool) -> None:
        self.lines[number] = f"{host(number)} {pool(number, extra)}{self.end}\n"

    def write(self, side: int, generation: int) -> None:
        """Replaces the file. `generation` is what the proxy answers once it obeys this file."""
        new = self.path.with_suffix(".new")
        with new.open("w") as file:
            file.writelines(self.lines)
            file.write(f"{PROBE} p{side}{self.end}\n{GENERATION} n{generation}{self.end}\n")
        new.replace(self.path)


def start_nginx(
    directory: Path, hosts: int, backend: int, workers: int, certificates: Certificates | None
) -> tuple[Proxy, Table, Path]:
    """
    Starts nginx with one map instead of a server block for each host: blocks would cost it far more memory and time. It reads the
    file of a certificate at each handshake. Returns the table of hosts, and the folder of certificates as well.
    """
    port, tls_port = free_port(), free_port() if certificates else 0
    log = directory / "nginx-access.log"
    table = Table.of(directory / "nginx.map", ";", hosts)
    folder = directory / "nginx-certificates"
    upstreams = "\n".join(
        f"    upstream {name} {{ {' '.join(f'server {one}:{backend};' for one in each)} keepalive 128;"
        " keepalive_requests 1000000000; }"
        for name, each in pools().items()
    )
    known = speak_tls = ""
    if certificates:
        certificates.write(folder)
        names = directory / "nginx-certificates.map"
        names.write_text("".join(f"{host(number)} {host(number)}.pem;\n" for number in range(certificates.count)))
        known = f"""
    map $ssl_server_name $certificate_file {{
        default default.pem;
        include {names};
    }}"""
        speak_tls = f"""
        listen 127.0.0.1:{tls_port} ssl backlog=4096 default_server;
        ssl_certificate {folder}/$certificate_file;
        ssl_certificate_key {folder}/$certificate_file;
{NGINX_TLS}"""
    # Above 10,000 nginx begins its search for a size of the table at the end. So large buckets spare it the search.
    started = launch_nginx("nginx", directory, f"""\
{NGINX_LOG}
    access_log {log} hipache;
    map_hash_max_size {max(20_000, 4 * hosts)};
    map_hash_bucket_size 256;
    map $host $pool {{
        default "";
        include {table.path};
    }}{known}
{upstreams}
    server {{
        listen 127.0.0.1:{port} backlog=4096 default_server;{speak_tls}
        if ($host = {GENERATION}) {{ return 200 "$pool"; }}
        if ($pool = "") {{ return 400 "unknown host"; }}
        location / {{
            proxy_pass http://$pool;
{NGINX_JOB}
        }}
    }}""", workers)
    return Proxy("nginx", started, port, log, tls_port), table, folder


def start_haproxy(
    directory: Path, hosts: int, backend: int, workers: int, certificates: Certificates | None
) -> tuple[Proxy, Path, Path, Path]:
    """
    Starts HAProxy with a map of all hosts. Returns the socket of its runtime API, the file of the map and the folder of
    certificates as well.
    """
    port, tls_port = free_port(), free_port() if certificates else 0
    control = directory / "haproxy.sock"
    table = Table.of(directory / "haproxy.map", "", hosts)
    folder = directory / "haproxy-certificates"
    backends = "\n".join(
        f"backend {name}\n" + "\n".join(f"    server s{number} {one}:{backend}" for number, one in enumerate(each))
        for name, each in pools().items()
    )
    speak_tls = ""
    if certificates:
        certificates.write(folder)
        # the first one is for names that no other has
        speak_tls = f"\n    bind 127.0.0.1:{tls_port} backlog 4096 ssl crt {folder}/default.pem crt {folder}"
    settings = f"""\
    nbthread {workers}
    ssl-default-bind-options ssl-min-ver TLSv1.2
    stats socket {control} mode 600 level admin"""
    started = launch_haproxy(directory, settings, f"""\
frontend clients
    bind 127.0.0.1:{port} backlog 4096{speak_tls}
    http-request set-var(txn.pool) hdr(host),field(1,:),lower,map({table.path})
    http-request return status 400 content-type text/plain string "unknown host" unless {{ var(txn.pool) -m found }}
    http-request set-header X-Real-IP %[src]
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
    use_backend %[var(txn.pool)]
{backends}""")
    return Proxy("haproxy", started, port, started.output, tls_port), control, table.path, folder
