"""The proxies, which have the same job, and their configurations."""

from __future__ import annotations

import grp
import json
import os
import pwd
import shlex
import shutil
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError, Started
from programs import CONNECTIONS, HERE, HOST, find, free_port, launch_nginx, lua_modules
from workloads import HOSTS, WORKLOADS


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
    # where the very many hosts are, if not at the port of the others
    hosts_port: int = 0

    def port_for(self, workload: str) -> int:
        if WORKLOADS[workload].tls:
            return self.tls_port
        return self.hosts_port if WORKLOADS[workload].load == "hosts" and self.hosts_port else self.port

    def url(self, workload: str) -> str:
        return f"{'https' if WORKLOADS[workload].tls else 'http'}://127.0.0.1:{self.port_for(workload)}/{workload}"


# The line of ours, and the defaults of ours: Mozilla's intermediate suites, tickets.
NGINX_LOG = """\
    log_format hipache '$remote_addr - - [$time_local] "$request" $status $bytes_sent "$http_referer" '
                       '"$http_user_agent" "$proxy_host" $request_time $upstream_response_time';"""
NGINX_TLS = """\
        ssl_protocols TLSv1.2 TLSv1.3;
        ssl_prefer_server_ciphers on;
        ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;"""

# What nginx sets in each request that it passes on. A location that sets one more has to repeat all.
FORWARDED = """\
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Protocol $scheme;
            proxy_set_header X-Forwarded-Port $server_port;"""


def _pass_on(before: str = "", pool: str = "bench") -> str:
    """The locations of an nginx that passes requests on. `before` finds out where to."""
    return f"""\
        location / {{
            {before}
            proxy_pass http://{pool};
            proxy_set_header Connection "";
{FORWARDED}
        }}
        location = /websocket {{
            {before}
            proxy_pass http://{pool};
            proxy_set_header Connection "upgrade";
            proxy_set_header Upgrade $http_upgrade;
            # ours has no limit for WebSockets
            proxy_read_timeout 1h;
{FORWARDED}
        }}"""


def start_nginx(
    name: str, directory: Path, backend: int, tls: Pair | None, http2: bool = False, workers: int = 1,
    streaming: bool = False, hosts: list[str] | None = None, connections: int = CONNECTIONS, dead: int | None = None,
) -> Proxy:  # fmt: skip
    """
    Starts nginx with our job: HTTP/1.1 and kept connections to the backend, the same headers, the same time limits, and
    the same log line, which only a request has that reached a backend.

    `streaming`: uploads are passed on while they come, as ours does, instead of being kept in a file first. `hosts` are further
    hosts with the same backend, in a map, at a port of their own: so the map costs the others nothing. `dead` is the port of a
    second backend.
    """
    second = f"server 127.0.0.1:{dead};" if dead else ""
    further, hosts_port = "", 0
    if hosts:
        hosts_port = free_port()
        table = directory / f"{name}.map"
        table.write_text("".join(f"{host} bench;\n" for host in hosts))
        further = f"""
    map $host $pool {{
        default "";
        include {table};
    }}
    server {{
        listen 127.0.0.1:{hosts_port} backlog=4096;
        if ($pool = "") {{ return 400 "unknown host"; }}
{_pass_on(pool="$pool")}
    }}"""
    servers = f"""
    upstream bench {{
        server 127.0.0.1:{backend};{second}
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{{port}} default_server;
        return 400 "unknown host";
    }}
    server {{
        listen 127.0.0.1:{{port}};{{speak_tls}}
        server_name {HOST};
{_pass_on()}
    }}{further}"""
    return _start_nginx(name, directory, servers, tls, http2, workers, streaming, hosts_port=hosts_port, connections=connections)


def start_nginx_lua(directory: Path, redis: int, tls: Pair | None, http2: bool = False, workers: int = 1) -> Proxy:
    """Starts nginx with our job and the look-up in Redis: for each request peer.lua asks for the backends of the host and for their marks."""
    find_backend = 'access_by_lua_block { require("peer").choose() }'
    servers = f"""
    lua_package_path "{HERE}/?.lua;;";
    init_by_lua_block {{ require("peer").redis = {redis} }}
    upstream bench {{
        # nginx wants one; it is never used
        server 0.0.0.1;
        balancer_by_lua_block {{ require("peer").balance() }}
        keepalive 128;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{{port}} default_server;{{speak_tls}}
{_pass_on(find_backend)}
    }}"""
    return _start_nginx("nginx-lua", directory, servers, tls, http2, workers, True, lua_modules())


def _start_nginx(
    name: str, directory: Path, servers: str, tls: Pair | None, http2: bool, workers: int, streaming: bool,
    modules: str = "", hosts_port: int = 0, connections: int = CONNECTIONS,
) -> Proxy:  # fmt: skip
    port = free_port()
    tls_port = free_port() if tls else 0
    log = directory / f"{name}-access.log"
    speak_tls = f"""
        listen 127.0.0.1:{tls_port} ssl{" http2" if http2 else ""} backlog=4096;
        ssl_certificate {tls.cert};
        ssl_certificate_key {tls.key};
{NGINX_TLS}""" if tls else ""
    started = launch_nginx(name, directory, f"""\
{NGINX_LOG}
    # Large buckets spare nginx a long search for the size of a large table.
    map_hash_max_size {4 * HOSTS};
    map_hash_bucket_size 256;
    map $upstream_addr $reached {{ "" 0; default 1; }}
    access_log {log} hipache if=$reached;
    client_header_timeout 30s;
    client_body_timeout 30s;
    send_timeout 30s;
    proxy_read_timeout 30s;
    proxy_http_version 1.1;
    proxy_max_temp_file_size 0;
    proxy_request_buffering {"off" if streaming else "on"};
    client_max_body_size 0;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        server_name __ping__;
        return 200 "ok";
    }}{servers.replace("{port}", str(port)).replace("{speak_tls}", speak_tls)}""", workers, modules, connections)
    return Proxy(name, started, port, log, tls_port, hosts_port)


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


def start_haproxy(
    directory: Path, backend: int, tls: Pair | None, http2: bool = False, workers: int = 1, hosts: list[str] | None = None
) -> Proxy:
    """
    Starts HAProxy with our job, as nginx is started, with a thread for each worker. It logs what it cannot read, too: that
    cannot be switched off.
    """
    port = free_port()
    tls_port, speak_tls = 0, ""
    if tls:
        tls_port = free_port()
        both = directory / "haproxy.pem"
        both.write_text(tls.cert.read_text() + tls.key.read_text())
        speak_tls = f"""
    bind 127.0.0.1:{tls_port} backlog 4096 ssl crt {both}{" alpn h2,http/1.1" if http2 else ""}"""
    forwarded = """\
    http-request set-header X-Real-IP %[src]
    http-request set-header X-Forwarded-Port %[dst_port]
    http-request set-header X-Forwarded-Proto https if { ssl_fc }
    http-request set-header X-Forwarded-Proto http unless { ssl_fc }"""
    hosts_port, further = 0, ""
    if hosts:
        hosts_port = free_port()
        table = directory / "haproxy.map"
        table.write_text("".join(f"{host} backends\n" for host in hosts))
        further = f"""\
frontend hosts
    bind 127.0.0.1:{hosts_port} backlog 4096
    http-request set-var(txn.pool) hdr(host),field(1,:),lower,map({table})
    http-request return status 400 content-type text/plain string "unknown host" unless {{ var(txn.pool) -m found }}
{forwarded}
    use_backend %[var(txn.pool)]
"""
    # Its default of 101 fields would refuse heads that the others pass on.
    settings = f"""\
    nbthread {workers}
    tune.http.maxhdr 1024
    ssl-default-bind-options ssl-min-ver TLSv1.2"""
    started = launch_haproxy(directory, settings, f"""\
frontend clients
    bind 127.0.0.1:{port} backlog 4096{speak_tls}
    acl ping hdr(host) __ping__
    acl known hdr(host),field(1,:) {HOST}
    http-request set-log-level silent if ping or !known
    http-request return status 200 content-type text/plain string ok if ping
    http-request return status 400 content-type text/plain string "unknown host" unless known
{forwarded}
    default_backend backends
{further}backend backends
    server one 127.0.0.1:{backend}
""")
    return Proxy("haproxy", started, port, started.output, tls_port, hosts_port)


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
