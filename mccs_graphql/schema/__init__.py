"""What clients see: types, inputs, results, scalars and connections."""
