"""`python -m tests.contract.release_schemas`: write the schemas and the commit of a release.

Later schemas stay compatible with these, and later stages work beside those of this commit.
"""

import json
import subprocess

from libs.contracts.catalogue import TOPICS
from moe.generate.files import topic_schema
from tests.chaos.releases import COMMIT_FILE
from tests.contract.test_compatibility import RELEASED

if __name__ == "__main__":
    schemas = {topic.name: topic_schema(topic) for topic in TOPICS}
    RELEASED.write_text(json.dumps(schemas, indent=1, sort_keys=True) + "\n", "utf-8")
    commit = subprocess.run(("git", "rev-parse", "HEAD"), check=True, capture_output=True, text=True).stdout
    COMMIT_FILE.write_text(commit, "utf-8")
