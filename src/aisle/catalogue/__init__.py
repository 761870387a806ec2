"""Catalogue: sources, category tree, photo checks, duplicates, partitions, audit of the split."""
