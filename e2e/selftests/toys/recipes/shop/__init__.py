"""A shop with members; the recipes of docs/recipes.md are run on it."""
