"""What the goals of speed and memory come to, side by side: `python -m benchmarks`."""
