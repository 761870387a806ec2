"""What networks share: the training block, batches, fitting, resuming, progressive learning."""
