"""What the note says: facts, figures, templates."""
