"""Gezhi: answers from your own documents, every statement cited and checked."""
