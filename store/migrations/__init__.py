"""The linear history of the database. A migration, once released, is never edited; it names its tables in full and
imports no room."""
