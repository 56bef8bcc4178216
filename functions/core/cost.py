"""What a request cost, as an estimate: by list prices of us-east-1, as `make cost` adds them up, without storage."""

DOLLARS_AN_IMAGE = 7.30e-6  # of 300 kB, from an origin that takes a second; see "What it costs" in docs/operations.md
DOLLARS_A_REQUEST = 5e-5  # a dozen objects written or read, forty other calls, whatever its size


def estimated_dollars(images: int) -> float:
    """For a request of which so many images have ended, to a hundredth of a cent."""
    return round(DOLLARS_A_REQUEST + images * DOLLARS_AN_IMAGE, 4)
