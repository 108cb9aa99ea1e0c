"""Office files, one file a format: `parse(material, builder)`."""
