"""One module per method; `method` in competitors.yaml names one of them."""
