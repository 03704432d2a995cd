"""What users do with a registry: one verb a file, over a ledger that was verified first."""
