"""Tinos 1.34 (SIL Open Font License 1.1, see OFL.txt): as wide as Times New Roman, letter for letter.

From the npm package @expo-google-fonts/tinos 0.4.2, unchanged (docs/decisions/0010-typeface.md).
"""
