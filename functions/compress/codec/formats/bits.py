"""Numbers of some bits each, as the headers of video codecs have them."""


class Bits:
    """The bits of some bytes, one number after another; zeros after their end."""

    def __init__(self, source: bytes) -> None:
        self._number, self._left = int.from_bytes(source, "big"), len(source) * 8

    def read(self, count: int) -> int:
        """The next so many bits, as a number."""
        self._left -= count
        at = self._left
        number = self._number >> at if at >= 0 else self._number << -at
        return number & ((1 << count) - 1)

    def exponential(self) -> int:
        """The next number of variable length: Exp-Golomb, ue(v) in ITU-T H.265, 9.2. Raises ValueError."""
        zeros = next((n for n in range(32) if self.read(1)), None)
        if zeros is None:
            raise ValueError("a number of more than 32 bits")
        return (1 << zeros) - 1 + self.read(zeros)
