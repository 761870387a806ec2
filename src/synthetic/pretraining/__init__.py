"""Formula pretraining: draw images from formulas, train a backbone to classify their formula."""
