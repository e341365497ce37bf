"""The steps that bring the database to where the models are."""
