"""What the goals of speed, memory and accuracy come to, side by side: `python -m benchmarks`."""
