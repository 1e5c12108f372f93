"""nginx that asks Redis for the route and the certificate of each request, with a little Lua: what Hipache does, built on nginx."""

from __future__ import annotations

from pathlib import Path

from fleet import NGINX_JOB
from mint import Certificates
from programs import free_port, launch_nginx, lua_modules
from proxies import NGINX_LOG, NGINX_TLS, Proxy


def start(directory: Path, redis: int, workers: int, certificates: Certificates | None) -> Proxy:
    port, tls_port = free_port(), free_port() if certificates else 0
    log = directory / "nginx-lua-access.log"
    speak_tls = ""
    if certificates:
        default = directory / "nginx-lua-default.pem"
        default.write_text(certificates.default.both)
        speak_tls = f"""
        listen 127.0.0.1:{tls_port} ssl backlog=4096 default_server;
        ssl_certificate {default};
        ssl_certificate_key {default};
        ssl_certificate_by_lua_block {{ peer.certify() }}
{NGINX_TLS}"""
    started = launch_nginx("nginx-lua", directory, f"""\
{NGINX_LOG}
    access_log {log} hipache;
    lua_package_path "{Path(__file__).resolve().parent}/?.lua;;";
    init_by_lua_block {{ peer = require("peer"); peer.redis = {redis} }}
    init_worker_by_lua_block {{ math.randomseed(ngx.worker.pid()) }}
    upstream chosen {{
        server 0.0.0.1;
        balancer_by_lua_block {{ peer.balance() }}
        keepalive 512;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096 default_server;{speak_tls}
        location / {{
            access_by_lua_block {{ peer.choose() }}
            proxy_pass http://chosen;
{NGINX_JOB}
        }}
    }}""", workers, lua_modules())
    return Proxy("nginx-lua", started, port, log, tls_port)
