"""Definiteness of Hessians and convexity of functions, by sound rules that say why."""
