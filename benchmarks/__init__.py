"""Benchmarks of the speed and memory goals: `python -m benchmarks`."""
