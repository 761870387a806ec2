"""Honest comparison of transfer learning with classical baselines on a product catalogue."""
