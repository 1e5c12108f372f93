"""Makes certificates by the thousand: ECDSA on P-256, each with a key of its own, all signed by one authority of the run. The
program `openssl` needs a process for each, its library half a millisecond."""

from __future__ import annotations

import ctypes
import ctypes.util
import hashlib
import itertools
import ssl
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError

EC, SUBJECT_ALT_NAME, UTF8 = 408, 85, 0x1000
DAYS = 90


@dataclass(frozen=True)
class Minted:
    """A certificate and its key in PEM, and what tells the certificate from all others."""

    cert: str
    key: str
    fingerprint: str

    @property
    def both(self) -> str:
        return self.cert + self.key


def fingerprint(der: bytes) -> str:
    return hashlib.sha256(der).hexdigest()


class Mint:
    def __init__(self):
        name = ctypes.util.find_library("crypto")
        if not name:
            raise BenchError("libcrypto, the library of OpenSSL, is missing")
        self._library = ctypes.CDLL(name)
        self._serial = itertools.count(1)
        self._authority = self._new_key()

    def _pointer(self, function: str, *arguments) -> ctypes.c_void_p:
        """Calls a function that returns a pointer, which ctypes would take for a number of 32 bits."""
        call = getattr(self._library, function)
        call.restype = ctypes.c_void_p
        found = call(*arguments)
        if not found:
            raise BenchError(f"libcrypto: {function} failed")
        return ctypes.c_void_p(found)

    def _do(self, function: str, *arguments) -> int:
        done = getattr(self._library, function)(*arguments)
        if done <= 0:
            raise BenchError(f"libcrypto: {function} failed")
        return done

    def _free(self, function: str, pointer: ctypes.c_void_p) -> None:
        call = getattr(self._library, function)
        call.restype = None
        call(pointer)

    def _new_key(self) -> ctypes.c_void_p:
        context = self._pointer("EVP_PKEY_CTX_new_id", EC, None)
        key = ctypes.c_void_p()
        self._do("EVP_PKEY_keygen_init", context)
        self._do("EVP_PKEY_CTX_ctrl_str", context, b"ec_paramgen_curve", b"P-256")
        self._do("EVP_PKEY_keygen", context, ctypes.byref(key))
        self._free("EVP_PKEY_CTX_free", context)
        return key

    def _pem(self, write: str, *arguments) -> str:
        bio = self._pointer("BIO_new", self._pointer("BIO_s_mem"))
        self._do(write, bio, *arguments)
        buffer = ctypes.create_string_buffer(8192)
        length = self._do("BIO_read", bio, buffer, len(buffer))
        self._do("BIO_free", bio)
        return buffer.raw[:length].decode("ascii")

    def make(self, name: str) -> Minted:
        """A new key, and a new certificate for the name."""
        key, cert = self._new_key(), self._pointer("X509_new")
        self._do("X509_set_version", cert, ctypes.c_long(2))
        self._do("ASN1_INTEGER_set", self._pointer("X509_get_serialNumber", cert), ctypes.c_long(next(self._serial)))
        self._pointer("X509_gmtime_adj", self._pointer("X509_getm_notBefore", cert), ctypes.c_long(-3600))
        self._pointer("X509_gmtime_adj", self._pointer("X509_getm_notAfter", cert), ctypes.c_long(DAYS * 86400))
        self._do("X509_set_pubkey", cert, key)
        for part, text in (("subject", name), ("issuer", "The authority of bench-churn")):
            names = self._pointer(f"X509_get_{part}_name", cert)
            self._do("X509_NAME_add_entry_by_txt", names, b"CN", UTF8, text.encode(), -1, -1, 0)
        hosts = self._pointer("X509V3_EXT_conf_nid", None, None, SUBJECT_ALT_NAME, f"DNS:{name}".encode())
        self._do("X509_add_ext", cert, hosts, -1)
        self._free("X509_EXTENSION_free", hosts)
        self._do("X509_sign", cert, self._authority, self._pointer("EVP_sha256"))
        pem = self._pem("PEM_write_bio_X509", cert)
        made = Minted(
            pem, self._pem("PEM_write_bio_PKCS8PrivateKey", key, None, None, 0, None, None),
            fingerprint(ssl.PEM_cert_to_DER_cert(pem)),
        )  # fmt: skip
        self._free("X509_free", cert)
        self._free("EVP_PKEY_free", key)
        return made


class Certificates:
    """The certificates that one proxy has: those of the first hosts by number, and one for all other names."""

    def __init__(self, mint: Mint, names: list[str], made: list[Minted], default: Minted):
        self.mint, self.names, self.made, self.default = mint, names, made, default
        # the fingerprint of the certificate that another one has replaced
        self._before: dict[int, str] = {}

    @staticmethod
    def of(names: list[str], default: str) -> Certificates:
        mint = Mint()
        return Certificates(mint, names, [mint.make(name) for name in names], mint.make(default))

    @property
    def count(self) -> int:
        return len(self.names)

    def again(self) -> Certificates:
        """The same certificates, for another proxy. What is replaced there is not replaced here."""
        return Certificates(self.mint, self.names, list(self.made), self.default)

    def first(self, count: int) -> Certificates:
        return Certificates(self.mint, self.names[:count], self.made[:count], self.default)

    def renew(self, number: int) -> Minted:
        """Makes another certificate for the host, with another key. From now on both may be shown."""
        self._before[number] = self.made[number].fingerprint
        self.made[number] = self.mint.make(self.names[number])
        return self.made[number]

    def newest(self, number: int) -> str:
        """Numbers that have no certificate of their own have the default."""
        return (self.made[number] if number < self.count else self.default).fingerprint

    def allowed(self, number: int) -> set[str]:
        return {self.newest(number), *([self._before[number]] if number in self._before else [])}

    def write(self, folder: Path) -> None:
        """One file for each, certificate and key in it."""
        folder.mkdir()
        for name, one in [("default", self.default), *zip(self.names, self.made)]:
            (folder / f"{name}.pem").write_text(one.both)
