"""The environment of programs that need parts of ours. It holds keys, passwords and tokens, which they do not need."""

import os
from collections.abc import Mapping

_NAMES = frozenset({"PATH", "HOME", "USER", "LOGNAME", "TMPDIR", "TZ", "LANG", "LANGUAGE", "VIRTUAL_ENV"})
_OF_JAVA = frozenset({"JAVA_HOME", "JAVA_TOOL_OPTIONS", "MAVEN_HOME", "M2_HOME", "MAVEN_OPTS", "MAVEN_ARGS"})
_PREFIXES = ("LC_", "LD_", "DYLD_", "PYTHON", "XDG_", "OMP_", "GGML_", "CUDA_", "NVIDIA_", "ROCR_")


def program_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The variables that decide how a program runs, of this process unless `environment` is given.

    All others are left out, so that no new secret needs a rule.
    """
    ours = os.environ if environment is None else environment  # noqa: TID251 - handed on, not read
    names = _NAMES | _OF_JAVA
    return {name: value for name, value in ours.items() if name in names or name.startswith(_PREFIXES)}
