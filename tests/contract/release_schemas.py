"""`python -m tests.contract.release_schemas`: write the schemas of a release, with which later ones stay compatible."""

import json

from libs.contracts.catalogue import TOPICS
from services.generate.files import topic_schema
from tests.contract.test_compatibility import RELEASED

if __name__ == "__main__":
    schemas = {topic.name: topic_schema(topic) for topic in TOPICS}
    RELEASED.write_text(json.dumps(schemas, indent=1, sort_keys=True) + "\n", "utf-8")
