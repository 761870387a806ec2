"""Sources, category tree, photo checks, duplicates, the sample generator."""
