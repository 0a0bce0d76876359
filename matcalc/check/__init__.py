"""Checks of derivatives against numerical differences of a plain interpreter."""
