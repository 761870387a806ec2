"""Use a fitted competitor outside the pipeline: predict, explain by occlusion, export."""
