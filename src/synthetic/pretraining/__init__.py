"""Weights learnt from formulas alone: images that are drawn, a network that names their formula."""
