"""The programs around the proxies of a run: the backend and Redis."""

from __future__ import annotations

import glob
import http.client
import os
import platform
import re
import shutil
import socket
import subprocess
import time
import zipfile
from pathlib import Path

from processes import BenchError, Started
from workloads import WORKLOADS

HOST = "bench.example"
PACKAGES = {
    "nginx": "nginx-light", "wrk": "wrk", "redis-server": "redis-server", "haproxy": "haproxy", "h2load": "nghttp2-client",
    "nghttp": "nghttp2-client", "ngx_http_lua_module.so": "libnginx-mod-http-lua",
}  # fmt: skip
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin"


# Where the programs of this folder that are no Python are.
HERE = Path(__file__).resolve().parent


def missing(program: str) -> BenchError:
    return BenchError(
        f"{program} is missing; on Debian and Ubuntu: apt-get install --no-install-recommends "
        + " ".join(dict.fromkeys(PACKAGES.values()))
    )


def find(program: str) -> str:
    found = shutil.which(program, path=PATH)
    if not found:
        raise missing(program)
    return found


def lua_modules() -> str:
    """The lines of a configuration that load nginx's module for Lua."""
    says = subprocess.run([find("nginx"), "-V"], stderr=subprocess.PIPE, text=True, timeout=20).stderr
    folder = Path((re.search(r"--modules-path=(\S+)", says) or ["", "/usr/lib/nginx/modules"])[1])
    lines = []
    for module in ("ndk_http_module.so", "ngx_http_lua_module.so"):
        if not (folder / module).exists():
            raise missing(module)
        lines.append(f"load_module {folder / module};\n")
    return "".join(lines)


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


# So many connections a process of nginx takes. It sets memory aside for all of them when it starts.
CONNECTIONS = 4096


def launch_nginx(
    name: str, directory: Path, http_section: str, workers: int = 1, modules: str = "", connections: int = CONNECTIONS
) -> Started:
    directory = directory / name
    directory.mkdir()
    temporary = "\n".join(
        f"    {kind}_temp_path {directory}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = directory / "nginx.conf"
    # The workers run as the user who runs this, as ours do: no other user may read the folder.
    config.write_text(f"""\
{modules}{"user root root;" if os.geteuid() == 0 else ""}
daemon off;
worker_processes {workers};
pid {directory}/nginx.pid;
error_log {directory}/error.log warn;
events {{ worker_connections {connections}; }}
http {{
{temporary}
    default_type text/plain;
    sendfile on;
    tcp_nopush on;
    # bench-memory holds idle connections for minutes
    keepalive_timeout 600s;
    keepalive_requests 1000000000;
{http_section}
}}
""")
    return Started(name, [find("nginx"), "-p", str(directory), "-c", str(config)], directory.parent)


def start_backend(
    directory: Path, bodies: Path, workers: int = 1, lua: bool = False, connections: int = CONNECTIONS
) -> tuple[Started, int]:
    """Starts the backend. Only with `lua` can it compare uploads and echo the messages of WebSockets."""
    port = free_port()
    small = {
        name: (bodies / name).read_text() for name, workload in WORKLOADS.items() if workload.size < 1024
    }
    fixed = "\n".join(
        f'        location = /{name} {{ return 200 "{"$host " if workload.load == "hosts" else ""}{small[name]}"; }}'
        for name, workload in WORKLOADS.items() if name in small and workload.load != "websocket"
    )
    scripts = f"""
        location = /upload {{
            client_body_buffer_size 2m;
            set $expected {bodies}/upload;
            content_by_lua_file {HERE}/upload-backend.lua;
        }}
        location = /websocket {{ content_by_lua_file {HERE}/websocket-backend.lua; }}""" if lua else f"""
        # Reads the body to its end before it answers.
        location = /upload {{ proxy_pass http://127.0.0.1:{port}/small; }}"""
    started = launch_nginx("backend", directory, f"""\
    access_log off;
    open_file_cache max=10;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {bodies};
        client_max_body_size 0;
        client_body_buffer_size 1m;
{fixed}{scripts}
    }}""", workers, lua_modules() if lua else "", connections)
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

    def __init__(self, directory: Path, master: Redis, name: str = "sentinel", quorum: int = 1):
        self.port = free_port()
        folder = directory / name
        folder.mkdir()
        config = folder / "sentinel.conf"
        config.write_text(
            f"port {self.port}\nbind 127.0.0.1\ndir {folder}\nsentinel monitor chaos 127.0.0.1 {master.port} {quorum}\n"
            "sentinel down-after-milliseconds chaos 1000\nsentinel failover-timeout chaos 3000\n"
        )
        self.started = Started(name, [master.binary, str(config), "--sentinel"], directory)

    def command(self, *words: str) -> bytes:
        return _ask(self.port, *words)

    def master(self) -> int:
        """The port of the master."""
        return int(self.command("SENTINEL", "get-master-addr-by-name", "chaos").split(b"\r\n")[4])
