"""Answering: a question → what is asked → assignments looked up, passages found → a cited answer.

Import names from the modules; ``service.Assistant`` is the one door for UI, API, command line and evals.
"""
