"""Compare the answers here with those of another git revision."""
