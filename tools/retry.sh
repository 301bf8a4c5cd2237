#!/usr/bin/env bash
# Run a command that fetches from elsewhere up to so many times: tools/retry.sh 3 COMMAND...
set -uo pipefail
times=$1; shift
for ((number = 1; ; number++)); do
  "$@" && exit 0
  code=$?
  if ((number >= times)); then exit "$code"; fi
  echo "attempt $number of $times failed with exit code $code: $*; again in $((number * 5)) s" >&2
  sleep "$((number * 5))"
done
