#!/usr/bin/env bash
# Prints how many tests passed and failed, as two numbers: the sum over all test results (*.trx) of a folder.
# A file without a single test in it is what a crashed test host leaves: it counts as one failure.
set -euo pipefail
shopt -s nullglob

files=("${1:?usage: sum-trx.sh FOLDER}"/*.trx)
if ((${#files[@]} == 0)); then
  echo 0 0
  exit
fi

awk '
  function of(name) {
    if (!match($0, " " name "=\"[0-9]+\"")) return 0
    return substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4) + 0
  }
  FNR == 1 { files++ }
  /<Counters / {
    passed += of("passed")
    failed += of("failed") + of("error") + of("timeout") + of("aborted")
    if (of("passed") + of("failed") + of("error") + of("timeout") + of("aborted") > 0) alive++
  }
  END { print passed + 0, failed + files - alive }
' "${files[@]}"
