"""Kinds and inputs of competitors, named alike by methods and standings."""

from typing import Literal

Reads = Literal["nothing", "photo", "text", "photo and text"]
Kind = Literal["control", "classical", "neural", "transfer", "ensemble", "text", "both"]
