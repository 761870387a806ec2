"""One-off questions beside the pipeline: what a leak is worth, the ablation, another catalogue."""
