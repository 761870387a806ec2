"""What is made from formulas alone, so that the default run needs no network and no photo."""
