"""Measuring: a question set → answers → scores. Import names from the modules."""
