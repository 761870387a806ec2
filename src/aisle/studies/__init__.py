"""One-off studies beside the pipeline: effect of leaks, ablation, publishing another catalogue."""
