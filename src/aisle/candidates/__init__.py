"""The contract, the registry, and what methods share; each in a module of `aisle.methods`."""
