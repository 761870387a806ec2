"""Inputs of candidates: rows, views, features, texts. The only access to data for methods."""
