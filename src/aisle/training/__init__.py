"""Training of networks: settings, batches, fitting, resuming, progressive learning."""
