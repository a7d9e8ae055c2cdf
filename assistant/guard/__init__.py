"""What stands before every route, each thing in a module of its own; ``stack.py`` puts them in order."""
