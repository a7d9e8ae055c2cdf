"""What the plans say: source files → plan text → clauses → assignments.

The pipeline is the folder: ``read`` → ``clean`` → ``outline`` → ``assignments`` → ``resolve``;
``library`` runs it over a file or a folder of plans. Import names from the modules.
"""
