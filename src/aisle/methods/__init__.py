"""One module per method; whatever stands here can be named by a `method` in competitors.yaml."""
