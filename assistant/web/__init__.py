"""The staff's pages: what all of them share, and those of the plans. Import names from the modules."""
