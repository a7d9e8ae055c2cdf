"""Finding passages: plans → passages → vectors and BM25 → one generation on disk → search.

Import names from the modules.
"""
