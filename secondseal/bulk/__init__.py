"""Papers from a table, one a row: read, checked as a whole, then made one by one, each once however often it is run."""
