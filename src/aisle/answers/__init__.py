"""The table of answers, and answers combined."""
