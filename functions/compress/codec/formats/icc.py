"""What an ICC profile (ICC.1:2022) says about itself, without a colour engine; and profiles of known primaries."""

import struct
from collections.abc import Sequence

MAX_PROFILE_BYTES = (
    4 * 1024 * 1024
)  # the largest press profiles have 3 MB; transforms are cached, so it must have a limit
_HEADER_BYTES = 128
_TAG_BYTES = 12
_MAX_TAGS = 100
_WHITE = (0.9642, 1.0, 0.8249)  # D50, which profiles are for
_PRIMARIES = {  # by their numbers in ITU-T H.273, in XYZ under D50
    9: ((0.6735, 0.2790, -0.0019), (0.1657, 0.6753, 0.0300), (0.1250, 0.0456, 0.7969)),  # BT.2020
    12: ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)),  # Display P3
}
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


def colour_space(profile: bytes) -> str:
    """`RGB`, `CMYK`, `GRAY`, … or "" where there is no usable profile."""
    usable = _HEADER_BYTES < len(profile) <= MAX_PROFILE_BYTES and profile[36:40] == b"acsp"
    return profile[16:20].decode("ascii", "replace").strip() if usable else ""


def is_srgb(profile: bytes) -> bool:
    """Whether it is called sRGB, in ASCII or UTF-16: what nearly all profiles on the web are."""
    description = _tag(profile, b"desc")
    return colour_space(profile) == "RGB" and (b"sRGB" in description or "sRGB".encode("utf-16-be") in description)


def matters(profile: bytes) -> bool:
    """Whether dropping it without a conversion would change the colours."""
    return bool(colour_space(profile)) and not is_srgb(profile)


def _tag(profile: bytes, signature: bytes) -> bytes:
    tags = min(int.from_bytes(profile[128:132], "big"), _MAX_TAGS)
    for at in range(132, 132 + tags * _TAG_BYTES, _TAG_BYTES):
        if profile[at : at + 4] == signature:
            offset, size = (
                int.from_bytes(profile[at + 4 : at + 8], "big"),
                int.from_bytes(profile[at + 8 : at + 12], "big"),
            )
            return profile[offset : offset + size]
    return b""


def of_primaries(number: int) -> bytes:
    """A profile with sRGB's curve for wide primaries, known by their number; b"" for all others."""
    if number not in _PRIMARIES:
        return b""
    curve = b"para" + struct.pack(">LHH5l", 0, 3, 0, *_fixed(_SRGB_CURVE))
    tags = {b"wtpt": _xyz(_WHITE)} | {
        b"%cXYZ" % letter: _xyz(xyz) for letter, xyz in zip(b"rgb", _PRIMARIES[number], strict=True)
    }
    return _profile(tags | {b"%cTRC" % letter: curve for letter in b"rgb"})


def _profile(tags: dict[bytes, bytes]) -> bytes:
    at, table = _HEADER_BYTES + 4 + _TAG_BYTES * len(tags), b""
    for name, content in tags.items():
        table += name + struct.pack(">LL", at, len(content))
        at += len(content)
    head = struct.pack(">L4xL4s4s4s12x4s28x3l48x", at, 0x04000000, b"mntr", b"RGB ", b"XYZ ", b"acsp", *_fixed(_WHITE))
    return head + struct.pack(">L", len(tags)) + table + b"".join(tags.values())


def _xyz(values: Sequence[float]) -> bytes:
    return b"XYZ " + bytes(4) + struct.pack(">3l", *_fixed(values))


def _fixed(values: Sequence[float]) -> list[int]:
    return [round(value * 65_536) for value in values]
