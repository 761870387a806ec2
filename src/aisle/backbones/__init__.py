"""Pretrained networks: building, loading, cutting, the frozen pass and its cache, operations."""
