"""The audit file of a program, part by part: each is written by a function of the wizard and the
archive."""
