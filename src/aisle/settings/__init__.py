"""params.yaml as typed objects; every mistake in it is named."""
