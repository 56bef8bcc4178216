"""Works on messages, each of which names an image. `steps.py` is an image's way, `outcome.py` how it may end."""

from functions.compress.worker.budget import Budget
from functions.compress.worker.outcome import MAX_ALONE_RECEIVES, MAX_PAUSES, MAX_SHARED_RECEIVES, Delivered
from functions.compress.worker.politeness import Politeness
from functions.compress.worker.service import CompressImages
from functions.compress.worker.steps import CODEC_RESERVE, TIME_RESERVE, Steps

__all__ = [
    "CODEC_RESERVE",
    "MAX_ALONE_RECEIVES",
    "MAX_PAUSES",
    "MAX_SHARED_RECEIVES",
    "TIME_RESERVE",
    "Budget",
    "CompressImages",
    "Delivered",
    "Politeness",
    "Steps",
]
