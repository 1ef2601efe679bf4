"""Frames of a small radio network."""

from collections.abc import Iterable, Mapping


def frame_check(payload: bytes) -> int:
    """The check byte: exclusive or of all bytes, with the length mixed in."""
    check = len(payload) & 0xFF
    for position, byte in enumerate(payload):
        if position % 2 == 0:
            check ^= byte
        else:
            check ^= (byte << 1) & 0xFF
    return check


def split_frames(stream: bytes, marker: int = 0x7E) -> list[bytes]:
    frames = []
    start = None
    for index, byte in enumerate(stream):
        if byte != marker:
            continue
        if start is not None and index > start:
            frames.append(stream[start:index])
        start = index + 1
    return frames


def best_relay(signal: Mapping[str, int], busy: Iterable[str], floor: int = -90) -> str | None:
    """The relay with the strongest signal that is not busy and not under the floor."""
    blocked = set(busy)
    best = None
    for name, strength in signal.items():
        if name in blocked or strength < floor:
            continue
        if best is None or strength > signal[best]:
            best = name
    return best


def retry_delays(attempts: int, base_ms: int, ceiling_ms: int) -> list[int]:
    """Delay before each retry: doubled every time, never over the ceiling."""
    delays = []
    delay = base_ms
    for _ in range(attempts):
        delays.append(min(delay, ceiling_ms))
        delay *= 2
    return delays


# ruff: noqa: D103 (code as people write it)
