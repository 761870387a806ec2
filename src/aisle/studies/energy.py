"""Energy used by the processor, where the machine exposes a counter."""

from pathlib import Path

COUNTERS = Path("/sys/class/powercap")
"""Linux's counters of Intel's and AMD's processors (RAPL); `intel-rapl:N` is one socket."""


def joules(counters: Path = COUNTERS) -> float | None:
    """Return the sum of all sockets' counters; only differences are meaningful.

    None if there is no counter or it is not readable. A counter wraps around after some hours at
    full power; what is measured here takes minutes.
    """
    sockets = sorted(counters.glob("intel-rapl:[0-9]"))
    try:
        used = [int((socket / "energy_uj").read_text(encoding="ascii")) for socket in sockets]
    except OSError:
        return None
    return sum(used) / 1e6 if used else None
