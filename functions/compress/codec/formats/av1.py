"""How large the pictures in an AVIF are by their own headers (AV1 specification, 5.3 and 5.5).

The container may say that a picture is small: it is decoded as large as it is, and only then made smaller.
"""

from collections.abc import Iterable, Iterator

from functions.compress.codec.formats.bits import Bits
from functions.compress.codec.formats.part_limit import limited

_SEQUENCE_HEADER = 1
_HEADER_BYTES = 256  # of a sequence header; more than any has


def most_pixels(streams: Iterable[bytes]) -> int:
    """The pixels of the largest picture in these streams of AV1 units. Other streams count as nothing."""
    return max((pixels for stream in streams for pixels in _sizes(stream)), default=0)


def _sizes(stream: bytes) -> Iterator[int]:
    for kind, start, end in limited(_units(stream)):
        if kind == _SEQUENCE_HEADER:
            yield _frame_pixels(Bits(stream[start : min(end, start + _HEADER_BYTES)]))


def _units(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Type, start and end of the content of each unit; one that does not tell its size goes on to the end."""
    at = 0
    while at < len(stream):
        header, at = stream[at], at + (2 if stream[at] & 4 else 1)
        size = len(stream) - at
        if header & 2:
            size = 0
            for place in range(8):
                byte, at = stream[at : at + 1] or b"\0", at + 1
                size |= (byte[0] & 127) << place * 7
                if not byte[0] & 128:
                    break
        yield header >> 3 & 15, at, at + size
        at += size


def _frame_pixels(bits: Bits) -> int:
    bits.read(4)  # profile, still picture
    if bits.read(1):  # a reduced header
        bits.read(5)
    else:
        _pass_over_timing(bits)
    across, down = bits.read(4) + 1, bits.read(4) + 1
    return (bits.read(across) + 1) * (bits.read(down) + 1)


def _pass_over_timing(bits: Bits) -> None:
    delay_bits = 0
    if bits.read(1):  # timing
        bits.read(64)
        if bits.read(1):  # equal intervals, in a number of variable length
            zeros = next((n for n in range(32) if bits.read(1)), 32)
            bits.read(zeros if zeros < 32 else 0)  # noqa: PLR2004 - 32 zeros are a number of their own
        if bits.read(1):  # a decoder model
            delay_bits = bits.read(5) + 1
            bits.read(42)
    displays = bits.read(1)
    for _ in range(bits.read(5) + 1):
        bits.read(12)
        if bits.read(5) > 7:  # noqa: PLR2004 - levels from which on there is a tier
            bits.read(1)
        if delay_bits and bits.read(1):
            bits.read(2 * delay_bits + 1)
        if displays and bits.read(1):
            bits.read(4)
