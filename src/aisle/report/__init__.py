"""The note: facts, figures, templates, translations."""
