"""Objects in a local folder: `ObjectFolder(path, clock)`."""

from libs.adapters.files.object_folder.object_folder import ObjectFolder, Quota

__all__ = ["ObjectFolder", "Quota"]
