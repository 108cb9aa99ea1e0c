"""Text formats, one file each: `parse(material, builder)`."""
