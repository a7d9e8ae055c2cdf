"""Finding passages: plans are cut, embedded and indexed here, and searched. Nothing about answers."""
