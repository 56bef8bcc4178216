"""The codec: from the bytes of one image to fewer bytes of the same image. What is imported from outside is here."""

from functions.compress.codec.decoders import MAX_SOURCE_BYTES
from functions.compress.codec.picture import Compressed, Made, Probe
from functions.compress.codec.pipeline import compress, compress_all, probe

__all__ = ["MAX_SOURCE_BYTES", "Compressed", "Made", "Probe", "compress", "compress_all", "probe"]
