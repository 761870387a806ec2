"""Pretrained networks: build, load and cut them, run the frozen pass, cache it, count operations."""
