"""Asks a running JVM by `jcmd`: to collect garbage, where its memory is, to load an agent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from processes import BenchError

PATIENCE = 60
# What the JVM calls its kinds of memory, and what they are here. All others are `native`.
KINDS = {
    "Java Heap": "heap", "Class": "metaspace", "Metaspace": "metaspace", "Code": "code cache", "Thread": "threads",
    "Shared class space": "class archive", "Native Memory Tracking": "the tracking itself",
}  # fmt: skip


def jcmd(pid: int) -> str:
    """The `jcmd` of the Java that the process runs, otherwise that of the PATH; empty when there is none."""
    beside = Path(os.readlink(f"/proc/{pid}/exe")).with_name("jcmd")
    return str(beside) if beside.exists() else shutil.which("jcmd") or ""


def ask(pid: int, *words: str) -> str:
    """What the JVM answers to a command."""
    argv = [jcmd(pid), str(pid), *words]
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"jcmd {' '.join(words)}: {error}") from error
    if done.returncode or "Exception" in done.stdout:
        raise BenchError(f"jcmd {' '.join(words)}: {done.stdout.strip()[-300:]}")
    return done.stdout


def collect(pid: int) -> None:
    """Collects garbage, and gives back what the C library keeps, as a worker does by itself every ten seconds."""
    # the first one enqueues what the second one frees
    for _ in range(2):
        ask(pid, "GC.run")
    try:
        ask(pid, "System.trim_native_heap")
    except BenchError:
        # Java before 17.0.9 does not know it
        pass


def heap_used(text: str) -> int:
    """Bytes on the heap, by the answer to GC.heap_info: of the generations, without metaspace."""
    generations = re.findall(r"^\s*\S.*\btotal (\d+)K, used (\d+)K", text, re.MULTILINE)
    if not generations:
        raise BenchError(f"jcmd GC.heap_info: {text.strip()[-300:]}")
    return sum(int(used) * 1024 for _, used in generations)


def native(text: str) -> dict[str, int]:
    """Bytes of each kind that the JVM has asked the system for, by the answer to VM.native_memory."""
    kinds: dict[str, int] = dict.fromkeys([*KINDS.values(), "native"], 0)
    found = re.findall(r"^-\s+(\S.*?) \(reserved=\d+KB, committed=(\d+)KB", text, re.MULTILINE)
    if not found:
        raise BenchError(f"jcmd VM.native_memory: {text.strip()[-300:]}")
    for name, committed in found:
        kinds[KINDS.get(name, "native")] += int(committed) * 1024
    return kinds
