"""params.yaml and competitors.yaml as typed objects; every mistake in them is named."""
