"""The door for assistant programs: Model Context Protocol at /mcp, by the official package, in this process."""
