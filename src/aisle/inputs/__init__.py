"""What a candidate may see: rows, views, features, texts."""
