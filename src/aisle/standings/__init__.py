"""Who stands where: competitors, champions, pairs and winner, comparison, costs."""
