"""Pretrained networks: built, found, cut, the frozen pass, its cache, what they compute."""
