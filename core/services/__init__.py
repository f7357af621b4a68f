"""The user's verbs: one verb, one transaction. Services do not import each other."""
