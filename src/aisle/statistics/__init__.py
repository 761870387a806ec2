"""Intervals, tests, power, mistakes: arrays in, numbers out, no files."""
