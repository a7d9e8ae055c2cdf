"""Python imports this before a program that a test starts: the folder is on PYTHONPATH there, and nowhere else."""

import socket_guard

socket_guard.install()
