"""The contract, the registry, and one module per method."""
