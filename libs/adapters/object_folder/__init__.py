"""Objects in a folder of this machine: `ObjectFolder(path, clock)`."""

from libs.adapters.object_folder.folder import ObjectFolder, Quota

__all__ = ["ObjectFolder", "Quota"]
