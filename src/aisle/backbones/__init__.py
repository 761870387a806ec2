"""Pretrained networks: build, load, cut, run the frozen pass, cache it, count operations."""
