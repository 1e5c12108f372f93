"""The programs of a run and their configurations: two proxies with the same job, one backend, one Redis."""

from __future__ import annotations

import glob
import grp
import http.client
import json
import os
import platform
import pwd
import random
import re
import shlex
import shutil
import socket
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError, Started

HOST = "bench.example"
PACKAGES = {
    "nginx": "nginx-light", "wrk": "wrk", "redis-server": "redis-server", "haproxy": "haproxy", "h2load": "nghttp2-client",
}  # fmt: skip
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


@dataclass(frozen=True)
class Workload:
    connections: int
    size: int
    keep_alive: bool
    what: str
    tls: bool = False


WORKLOADS = {
    "small": Workload(64, 100, True, "100 bytes, 64 keep-alive connections"),
    "medium": Workload(64, 10 * 1024, True, "10 KiB, 64 keep-alive connections"),
    "large": Workload(16, 1024 * 1024, True, "1 MiB, 16 keep-alive connections"),
    "connect": Workload(64, 100, False, "100 bytes, a new connection for each request, 64 at a time"),
    "tls": Workload(
        64, 100, False, "100 bytes over TLS, a new connection and a full handshake for each request, 64 at a time", True
    ),
}


@dataclass(frozen=True)
class Pair:
    """Makes a key and its certificate for both proxies: ECDSA on P-256."""

    key: Path
    cert: Path


@dataclass(frozen=True)
class Proxy:
    name: str
    started: Started
    port: int
    access_log: Path
    tls_port: int = 0

    def url(self, workload: str) -> str:
        tls = WORKLOADS[workload].tls
        return f"{'https' if tls else 'http'}://127.0.0.1:{self.tls_port if tls else self.port}/{workload}"


def find(program: str) -> str:
    found = shutil.which(program, path=PATH)
    if not found:
        raise BenchError(
            f"{program} is missing; on Debian and Ubuntu: apt-get install --no-install-recommends "
            + " ".join(PACKAGES.values())
        )
    return found


def find_redis(directory: Path) -> str:
    """Finds the machine's redis-server, otherwise the one that the tests use."""
    found = shutil.which("redis-server", path=PATH)
    if found:
        return found
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    jars = glob.glob(str(Path.home() / ".m2/repository/com/github/codemonstur/embedded-redis/*/*.jar"))
    for jar in sorted(jars, reverse=True):
        with zipfile.ZipFile(jar) as archive:
            for name in archive.namelist():
                if re.fullmatch(rf"redis-server-.*-linux-{machine}", name):
                    binary = Path(archive.extract(name, directory))
                    binary.chmod(0o755)
                    return str(binary)
    return find("redis-server")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def write_bodies(directory: Path) -> None:
    """Writes one file for each workload, of letters that do not compress. The files are the same on every run."""
    letters = random.Random(2013)
    for name, workload in WORKLOADS.items():
        (directory / name).write_text("".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=workload.size)))


def launch_nginx(name: str, directory: Path, http_section: str, workers: int = 1) -> Started:
    directory = directory / name
    directory.mkdir()
    temporary = "\n".join(
        f"    {kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = directory / "nginx.conf"
    # The workers run as the user who runs this, as ours do: no other user may read the folder.
    config.write_text(f"""\
{"user root root;" if os.geteuid() == 0 else ""}
daemon off;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections 4096; }}
http {{
{temporary}
    default_type text/plain;
    sendfile on;
    tcp_nopush on;
    keepalive_timeout 75s;
    keepalive_requests 1000000000;
{http_section}
}}
""")
    return Started(name, [find("nginx"), "-p", str(directory), "-c", str(config)], directory.parent)


def start_backend(directory: Path, bodies: Path) -> tuple[Started, int]:
    port = free_port()
    small = {
        name: (bodies / name).read_text() for name, workload in WORKLOADS.items() if workload.size < 1024
    }
    fixed = "\n".join(f'        location = /{name} {{ return 200 "{body}"; }}' for name, body in small.items())
    started = launch_nginx("backend", directory, f"""\
    access_log off;
    open_file_cache max=10;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {bodies};
        client_max_body_size 0;
        client_body_buffer_size 1m;
{fixed}
        # Reads the body to its end before it answers.
        location = /upload {{ proxy_pass http://127.0.0.1:{port}/small; }}
    }}""")
    return started, port


def start_echo(directory: Path) -> tuple[Started, int]:
    """Starts a backend that answers each request with its target."""
    port = free_port()
    started = launch_nginx("backend", directory, f"""\
    access_log off;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{ return 200 "$request_uri"; }}
    }}""")
    return started, port


def start_nginx(
    name: str, directory: Path, backend: int, tls: Pair | None, http2: bool = False, workers: int = 1
) -> Proxy:
    """
    Starts nginx with our job: HTTP/1.1 and kept connections to the backend, the same headers, the same time limits, and
    the same log line, which only a request has that reached a backend.
    """
    port = free_port()
    tls_port = free_port() if tls else 0
    log = directory / f"{name}-access.log"
    # The defaults of ours: Mozilla's intermediate suites, tickets.
    speak_tls = f"""
        listen 127.0.0.1:{tls_port} ssl{" http2" if http2 else ""} backlog=4096;
        ssl_certificate {tls.cert};
        ssl_certificate_key {tls.key};
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_prefer_server_ciphers on;
        ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;""" if tls else ""
    started = launch_nginx(name, directory, f"""\
    log_format hipache '$remote_addr - - [$time_local] "$request" $status $bytes_sent "$http_referer" '
                       '"$http_user_agent" "$proxy_host" $request_time $upstream_response_time';
    map $upstream_addr $reached {{ "" 0; default 1; }}
    access_log {log} hipache if=$reached;
    client_header_timeout 30s;
    client_body_timeout 30s;
    send_timeout 30s;
    proxy_read_timeout 30s;
    client_max_body_size 0;
    upstream bench {{
        server 127.0.0.1:{backend};
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name __ping__;
        return 200 "ok";
    }}
    server {{
        listen 127.0.0.1:{port} default_server;
        return 400 "unknown host";
    }}
    server {{
        listen 127.0.0.1:{port};{speak_tls}
        server_name {HOST};
        location / {{
            proxy_pass http://bench;
            proxy_http_version 1.1;
            proxy_max_temp_file_size 0;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Protocol $scheme;
            proxy_set_header X-Forwarded-Port $server_port;
        }}
    }}""", workers)
    return Proxy(name, started, port, log, tls_port)


def launch_haproxy(directory: Path, settings: str, sections: str) -> Started:
    """Starts HAProxy with further settings of its section `global`, and with frontends and backends."""
    config = directory / "haproxy.cfg"
    config.write_text(f"""\
global
    maxconn 8192
    log stdout format raw local0
{settings}
defaults
    mode http
    log global
    option httplog
    option forwardfor
    timeout connect 5s
    timeout client 30s
    timeout server 30s
    timeout http-request 30s
    timeout http-keep-alive 75s
    http-reuse always
{sections}
""")
    return Started("haproxy", [find("haproxy"), "-db", "-f", str(config)], directory)


def start_haproxy(directory: Path, backend: int, tls: Pair, http2: bool = False) -> Proxy:
    """Starts HAProxy with our job, as nginx is started. It logs what it cannot read, too: that cannot be switched off."""
    port, tls_port = free_port(), free_port()
    both = directory / "haproxy.pem"
    both.write_text(tls.cert.read_text() + tls.key.read_text())
    # Its default of 101 fields would refuse heads that the others pass on.
    settings = """\
    nbthread 1
    tune.http.maxhdr 1024
    ssl-default-bind-options ssl-min-ver TLSv1.2"""
    started = launch_haproxy(directory, settings, f"""\
frontend clients
    bind 127.0.0.1:{port} backlog 4096
    bind 127.0.0.1:{tls_port} backlog 4096 ssl crt {both}{" alpn h2,http/1.1" if http2 else ""}
    acl ping hdr(host) __ping__
    acl known hdr(host),field(1,:) {HOST}
    http-request set-log-level silent if ping or !known
    http-request return status 200 content-type text/plain string ok if ping
    http-request return status 400 content-type text/plain string "unknown host" unless known
    http-request set-header X-Real-IP %[src]
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Forwarded-Proto https if {{ ssl_fc }}
    http-request set-header X-Forwarded-Proto http unless {{ ssl_fc }}
    default_backend backends
backend backends
    server one 127.0.0.1:{backend}
""")
    return Proxy("haproxy", started, port, started.output, tls_port)


def start_ours(
    command: str, directory: Path, redis: int, tls: Pair | None = None, keys: dict[str, object] | None = None
) -> Proxy:
    """Starts Hipache. `keys` are further keys of the section `server`."""
    port = free_port()
    tls_port = free_port() if tls else 0
    log = directory / "hipache-access.log"
    config = directory / "hipache.json"
    config.write_text(json.dumps({
        "server": {
            "accessLog": str(log),
            # nginx and HAProxy log what reaches a backend
            "logRefused": False,
            "port": port,
            "workers": 1,
            "maxSockets": 100,
            "deadBackendTTL": 30,
            "address": ["127.0.0.1"],
            **(keys or {}),
        },
        **({"https": {
            "bind": ["127.0.0.1"], "port": tls_port, "key": str(tls.key), "cert": str(tls.cert),
        }} if tls else {}),
        "driver": [f"redis://127.0.0.1:{redis}/0"],
        "user": pwd.getpwuid(os.geteuid()).pw_name,
        "group": grp.getgrgid(os.getegid()).gr_name,
    }, indent=2))
    argv = [part.replace("{config}", str(config)) for part in shlex.split(command)]
    if not shutil.which(argv[0]):
        raise BenchError(f"{argv[0]} is not a program that can be started")
    return Proxy("hipache", Started("hipache", argv, directory), port, log, tls_port)


def _ask(port: int, *words: str) -> bytes:
    """Sends one command to a Redis or a Sentinel, and returns the beginning of its reply."""
    with socket.create_connection(("127.0.0.1", port), 2) as connection:
        request = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
        connection.sendall(f"*{len(words)}\r\n{request}".encode())
        return connection.recv(65536)


class Redis:
    """A private redis-server, with the little of its protocol that is needed."""

    def __init__(self, directory: Path, name: str = "redis", *further: str):
        """`further` are options of the server."""
        self.binary = find_redis(directory)
        self.port = free_port()
        data = directory / name
        data.mkdir()
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {data} --save"
        self._name = name
        self._directory = directory
        self._argv = [self.binary, *options.split(), "", *further]
        self.restart()

    def restart(self) -> None:
        """Starts the server, again with the data that it has saved."""
        self.started = Started(self._name, self._argv, self._directory)

    def command(self, *words: str) -> bytes:
        return _ask(self.port, *words)

    def commands_processed(self) -> int:
        return int(re.search(rb"total_commands_processed:(\d+)", self.command("INFO", "stats"))[1])


def get(port: int, host: str, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path, headers={"Host": host})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def until(started: Started, what: str, condition, seconds: float = 60) -> None:
    """Waits until the condition is true. It may raise network errors while nothing listens yet."""
    deadline = time.monotonic() + seconds
    while True:
        started.check_alive()
        try:
            if condition():
                return
        except (OSError, http.client.HTTPException):
            pass
        if time.monotonic() > deadline:
            raise BenchError(f"{started.name}: waited {seconds:.0f} s in vain until it {what}")
        time.sleep(0.05)


class Sentinel:
    """A Sentinel that watches one master. It promotes a replica when the master is gone for a second."""

    def __init__(self, directory: Path, master: Redis):
        self.port = free_port()
        folder = directory / "sentinel"
        folder.mkdir()
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor chaos 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds chaos 1000\nsentinel failover-timeout chaos 3000\n"
        )
        self.started = Started("sentinel", [master.binary, str(config), "--sentinel"], directory)

    def command(self, *words: str) -> bytes:
        return _ask(self.port, *words)

    def master(self) -> int:
        """The port of the master."""
        return int(self.command("SENTINEL", "get-master-addr-by-name", "chaos").split(b"\r\n")[4])
