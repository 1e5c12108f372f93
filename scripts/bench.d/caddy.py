"""Caddy: its configuration for many hosts, and changes of it over its admin API."""

from __future__ import annotations

import http.client
import json
import socket
import time
from pathlib import Path

from fleet import PROBE, host, pool, pools
from mint import Certificates, Minted
from processes import BenchError, Started
from programs import find, free_port
from proxies import Proxy
from routes import LATE, RELOAD_EVERY, Hosts


class OverSocket(http.client.HTTPConnection):
    """HTTP over a Unix socket. Caddy wants an empty `Host` there."""

    def __init__(self, path: Path):
        super().__init__("", timeout=LATE)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


def replace(control: Path, name: str, value: object) -> float:
    """Replaces the part of the configuration that has this `@id`. Returns when Caddy said that the new one is in use."""
    body = json.dumps(value)
    connection = OverSocket(control)
    try:
        connection.putrequest("PATCH", f"/id/{name}", skip_host=True, skip_accept_encoding=True)
        for field, content in (("Host", ""), ("Content-Type", "application/json"), ("Content-Length", len(body))):
            connection.putheader(field, content)
        connection.endheaders(body.encode())
        response = connection.getresponse()
        said = response.read()
        if response.status != 200:
            raise BenchError(f"Caddy says {said[:200]!r}")
        return time.monotonic()
    except http.client.HTTPException as error:
        raise BenchError(f"Caddy's admin API: {error!r}") from error
    finally:
        connection.close()


def _proxy(upstreams: list[str], backend: int) -> dict[str, object]:
    return {
        "handler": "reverse_proxy",
        "upstreams": [{"dial": f"{one}:{backend}"} for one in upstreams],
        "load_balancing": {"selection_policy": {"policy": "random"}},
        "transport": {"protocol": "http", "keep_alive": {"max_idle_conns_per_host": 128}},
        "headers": {"request": {"set": {
            "X-Real-Ip": ["{http.request.remote.host}"], "X-Forwarded-Port": ["{http.request.port}"],
        }}},
    }  # fmt: skip


def _probe(side: int, backend: int) -> dict[str, object]:
    return {
        "@id": "probe", "match": [{"host": [PROBE]}], "handle": [_proxy(pools()[f"p{side}"], backend)], "terminal": True,
    }  # fmt: skip


def _hosts(hosts: Hosts, backend: int) -> dict[str, object]:
    """One route for each pool, with the list of its hosts: Caddy searches long lists by halving. A route for each host would have
    it compare one after the other."""
    found: dict[str, list[str]] = {}
    for number in range(hosts.hosts):
        found.setdefault(pool(number, number in hosts.extra), []).append(host(number))
    routes = [
        {"match": [{"host": names}], "handle": [_proxy(pools()[name], backend)], "terminal": True}
        for name, names in found.items()
    ]
    return {"@id": "hosts", "handle": [{"handler": "subroute", "routes": routes}]}


def _certificate(name: str, one: Minted) -> dict[str, object]:
    return {"@id": f"certificate-{name}", "certificate": one.cert, "key": one.key}


class InCaddy:
    """Changes for Caddy: all routes of hosts at once, at most once a second, because each change starts its whole configuration
    anew. The route of the prober has an `@id` of its own."""

    pause = RELOAD_EVERY

    def __init__(self, control: Path, backend: int):
        self.control, self.backend = control, backend

    def begin(self) -> None:
        pass

    def batch(self, hosts: Hosts, first: int, count: int) -> int:
        if not count:
            return 0
        begun = time.monotonic()
        for change in range(first, first + count):
            hosts.toggle(hosts.next(change))
        replace(self.control, "hosts", _hosts(hosts, self.backend))
        time.sleep(max(0.0, begun + RELOAD_EVERY - time.monotonic()))
        return count

    def flip(self, side: int) -> float:
        return replace(self.control, "probe", _probe(side, self.backend))


class CertificatesInCaddy:
    pause = RELOAD_EVERY

    def __init__(self, control: Path):
        self.control = control

    def replace(self, name: str, one: Minted) -> float:
        return replace(self.control, f"certificate-{name}", _certificate(name, one))


def start(
    directory: Path, hosts: Hosts, backend: int, workers: int, certificates: Certificates | None
) -> tuple[Proxy, Path]:
    """Starts Caddy. Returns the socket of its admin API as well."""
    port, tls_port = free_port(), free_port() if certificates else 0
    log, control, config = (directory / f"caddy{end}" for end in ("-access.log", ".sock", ".json"))
    routes = [
        _probe(0, backend),
        _hosts(hosts, backend),
        {"handle": [{"handler": "static_response", "status_code": 400, "body": "unknown host"}]},
    ]
    server = {"routes": routes, "automatic_https": {"disable": True}, "logs": {"default_logger_name": "access"}}
    servers = {"clients": {**server, "listen": [f"127.0.0.1:{port}"]}}
    tls: dict[str, object] = {}
    if certificates:
        # an `@id` may come only once, so the routes are not there a second time
        servers["clients"]["listen"].append(f"127.0.0.1:{tls_port}")
        servers["clients"]["tls_connection_policies"] = [{}]
        pairs = [_certificate(*each) for each in (("default", certificates.default), *zip(certificates.names, certificates.made))]
        tls = {"tls": {"certificates": {"load_pem": pairs}}}
    config.write_text(json.dumps({
        "admin": {"listen": f"unix/{control}", "config": {"persist": False}},
        "logging": {"logs": {
            "default": {"level": "WARN", "exclude": ["http.log.access"]},
            "access": {
                "writer": {"output": "file", "filename": str(log), "roll": False}, "include": ["http.log.access"],
            },
        }},
        # this port alone has no TLS
        "apps": {"http": {"http_port": port, "servers": servers}, **tls},
    }))  # fmt: skip
    # it keeps nothing outside the folder of the run
    environment = [f"GOMAXPROCS={workers}", f"HOME={directory}", f"XDG_DATA_HOME={directory}", f"XDG_CONFIG_HOME={directory}"]
    argv = ["env", *environment, find("caddy"), "run", "--config", str(config)]
    return Proxy("caddy", Started("caddy", argv, directory), port, log, tls_port), control
