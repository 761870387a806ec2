"""The answers here against those of another git revision."""
