"""What a competitor may be and what it may read: the words that methods and standings share."""

from typing import Literal

Reads = Literal["nothing", "photo", "text", "photo and text"]
Kind = Literal["control", "classical", "neural", "transfer", "ensemble", "text", "both"]
