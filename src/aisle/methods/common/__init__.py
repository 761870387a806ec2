"""What every method shares: the contract, the registry, scikit-learn models saved and loaded."""
