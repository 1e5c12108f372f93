"""How a certificate is replaced in Redis, in files, and in HAProxy. That of Caddy is beside its routes."""

from __future__ import annotations

import time
from pathlib import Path

from changes import command
from fleet import BATCH, Pipeline
from mint import Certificates, Minted
from processes import BenchError
from routes import PAUSE, runtime


def _in_redis(name: str, one: Minted) -> bytes:
    return command("HSET", f"tls:{name}", "certificate", one.cert, "key", one.key)


def fill(redis: int, certificates: Certificates) -> None:
    """Writes all certificates into Redis. The default is not there: it is a file."""
    with Pipeline(redis) as pipeline:
        for first in range(0, certificates.count, BATCH):
            part = slice(first, first + BATCH)
            pipeline.send([_in_redis(*each) for each in zip(certificates.names[part], certificates.made[part])])


class CertificatesInRedis:
    pause = PAUSE

    def __init__(self, redis: int):
        self.redis = redis
        self.pipeline: Pipeline | None = None

    def replace(self, name: str, one: Minted) -> float:
        """Returns when that was acknowledged."""
        if self.pipeline is None:
            self.pipeline = Pipeline(self.redis)
        self.pipeline.send([_in_redis(name, one)])
        return time.monotonic()


class CertificatesInFiles:
    pause = PAUSE

    def __init__(self, folder: Path):
        self.folder = folder

    def replace(self, name: str, one: Minted) -> float:
        """Certificate and key are in one file, so both are replaced at once."""
        new = self.folder / f"{name}.new"
        new.write_text(one.both)
        new.replace(self.folder / f"{name}.pem")
        return time.monotonic()


class CertificatesInHaproxy:
    pause = PAUSE

    def __init__(self, control: Path, folder: Path):
        self.control, self.folder = control, folder

    def replace(self, name: str, one: Minted) -> float:
        file = self.folder / f"{name}.pem"
        said = runtime(self.control, f"set ssl cert {file} <<\n{one.both}")
        done = runtime(self.control, f"commit ssl cert {file}")
        if not done.endswith("Success!"):
            raise BenchError(f"HAProxy says {said[:200]!r}, {done[:200]!r}")
        return time.monotonic()
