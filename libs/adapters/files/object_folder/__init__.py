"""Objects in a folder of this machine: `ObjectFolder(path, clock)`."""

from libs.adapters.files.object_folder.object_folder import ObjectFolder, Quota

__all__ = ["ObjectFolder", "Quota"]
