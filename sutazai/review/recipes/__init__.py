"""Ways of asking a model about one unit. A recipe runs only where the model's measured profile allows it."""
