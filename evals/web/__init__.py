"""The pages where staff measure the answers. Import names from the modules."""
