"""What an ICC profile (ICC.1:2022) says about itself, without a colour engine."""

MAX_PROFILE_BYTES = (
    4 * 1024 * 1024
)  # the largest press profiles have 3 MB; transforms are cached, so it must have a limit
_HEADER_BYTES = 128
_TAG_BYTES = 12
_MAX_TAGS = 100


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
