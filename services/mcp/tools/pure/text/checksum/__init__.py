"""Checksums: CRCs by the parameters of their catalogue, Adler-32 and Fletcher."""
