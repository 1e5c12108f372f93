"""TLS handshakes with many names while certificates are replaced: which certificate is shown, and how soon the new one."""

from __future__ import annotations

import itertools
import random
import socket
import ssl
import threading
import time

from fleet import addresses, draw, host
from mint import Certificates, fingerprint
from processes import BenchError
from prober import Asking
from proxies import Proxy
from routes import LATE

# Threads that make handshakes all the time, beside the one that replaces certificates.
THREADS = 3
# One of so many handshakes is with a name that has no certificate of its own.
WITHOUT = 10
# So many handshakes follow the first one with a new certificate, to see that the old one does not come back.
AFTER = 4
SWEEP = 100

_trusting = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
_trusting.check_hostname, _trusting.verify_mode = False, ssl.CERT_NONE


class Shaking(Asking):
    """Makes a new connection, and a full handshake, for each request. `shaken` is when the last handshake ended."""

    shaken = 0.0

    def shake(self, name: str) -> tuple[str, str]:
        """The fingerprint of the certificate that was shown, and the body of the answer or its status line."""
        self.asked += 1
        plain = socket.create_connection(("127.0.0.1", self.port), 10)
        try:
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.socket = _trusting.wrap_socket(plain, server_hostname=name)
            self.shaken = time.monotonic()
            shown = fingerprint(self.socket.getpeercert(binary_form=True))
            self.socket.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
            return shown, self._answer()
        finally:
            self.close()
            plain.close()


class Handshakes:
    """
    Between enter and exit some threads make handshakes, each with a request, and another one replaces certificates and waits for
    each to be shown. `shown` has the times for that in ms, from the acknowledgement to the end of the first handshake with the new
    certificate. A handshake that shows another certificate than the newest or the one before is wrong, and so is the old one behind
    a handshake that has shown the new one.
    """

    def __init__(self, proxy: Proxy, hosts: int, certificates: Certificates, keeper):
        self.proxy, self.hosts, self.certificates, self.keeper = proxy, hosts, certificates, keeper
        self.made, self.failed = 0, 0
        self.told: list[float] = []
        self.shown: list[float] = []
        self.wrong: list[str] = []
        self.first_failed = ""
        self.replaced: dict[int, None] = {}
        self._errors: list[Exception] = []
        self._lock, self._over = threading.Lock(), threading.Event()
        self._threads = [
            threading.Thread(target=self._guard, args=work, daemon=True)
            for work in ((self._replace,), *((self._load, seed) for seed in range(THREADS)))
        ]

    def _guard(self, work, *arguments) -> None:
        try:
            work(*arguments)
        except Exception as error:  # shown by the thread that waits for this one
            self._errors.append(error)

    def _shake(self, asking: Shaking, number: int) -> str:
        """The fingerprint, or nothing when the connection failed. The answer is checked as well as the certificate."""
        name = host(number)
        before = self.certificates.allowed(number)
        try:
            shown, body = asking.shake(name)
        except OSError as error:
            with self._lock:
                self.failed += 1
                self.first_failed = self.first_failed or f"{name}: {error}"
            return ""
        right = [f"{name} {address}" for address in addresses(number, True)]
        with self._lock:
            self.made += 1
            if shown not in before | self.certificates.allowed(number):
                kind = "the default one" if shown == self.certificates.default.fingerprint else "that of another, or an older one"
                self.wrong.append(f"the certificate of {name} is {kind}")
            if body not in right:
                self.wrong.append(f"{body!r} for {name} over TLS, wanted one of {right}")
        return shown

    def _load(self, seed: int) -> None:
        asking, chance = Shaking(self.proxy.tls_port), random.Random(seed)
        count = self.certificates.count
        for turn, number in enumerate(itertools.cycle(draw(count, 20_000, 100 + seed))):
            if self._over.is_set():
                return
            without = turn % WITHOUT == 0 and self.hosts > count
            self._shake(asking, chance.randrange(count, self.hosts) if without else number)

    def _replace(self) -> None:
        asking, chance = Shaking(self.proxy.tls_port), random.Random(7)
        popular = draw(self.certificates.count, 10_000, 14)
        for turn in itertools.count():
            if self._over.wait(self.keeper.pause):
                return
            # every second one is of a host that is asked for often
            self._change(asking, popular[turn % len(popular)] if turn % 2 else chance.randrange(self.certificates.count))

    def _change(self, asking: Shaking, number: int) -> None:
        new = self.certificates.renew(number)
        begun = time.monotonic()
        acknowledged = self.keeper.replace(host(number), new)
        self.told.append(1000 * (acknowledged - begun))
        while self._shake(asking, number) != new.fingerprint:
            if time.monotonic() > acknowledged + LATE:
                self.wrong.append(f"the new certificate of {host(number)} is not shown for {LATE} s")
                return
        self.shown.append(1000 * (asking.shaken - acknowledged))
        self.replaced.pop(number, None)
        self.replaced[number] = None
        for _ in range(AFTER):
            if self._shake(asking, number) not in (new.fingerprint, ""):
                self.wrong.append(f"the old certificate of {host(number)} came behind the new one")

    def __enter__(self) -> Handshakes:
        for one in self._threads:
            one.start()
        return self

    def __exit__(self, kind, *_) -> None:
        self._over.set()
        for one in self._threads:
            one.join(2 * LATE)
        if self._errors and kind is None:
            raise BenchError(f"handshakes: {self._errors[0]!r}")

    def sweep(self) -> None:
        """Asks for the certificates that were replaced last, now that nothing changes."""
        asking = Shaking(self.proxy.tls_port)
        for number in list(self.replaced)[-SWEEP:]:
            if self._shake(asking, number) not in (self.certificates.newest(number), ""):
                self.wrong.append(f"the old certificate of {host(number)} is shown after the changes")
