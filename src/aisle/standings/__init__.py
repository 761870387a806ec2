"""The standings: competitors, scores, verdicts on pairs, champions, the winner."""
