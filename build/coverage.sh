#!/usr/bin/env bash
# Checks how much of src/ the tests of the solution cover: fails below 97 % of the lines or 92 % of the branches.
#
#   build/coverage.sh           runs the tests first, and writes the figures into docs/quality.md
#   build/coverage.sh FOLDER    checks what a run with --collect 'XPlat Code Coverage' left in FOLDER, as .ci/run does
#
# The report is artifacts/coverage/index.html. The environment's LINES_AT_LEAST and BRANCHES_AT_LEAST move the gate.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

report=artifacts/coverage
lines=${LINES_AT_LEAST:-97}
branches=${BRANCHES_AT_LEAST:-92}
folder=${1:-}
write=()

if [[ -z $folder ]]; then
  folder=artifacts/coverage-run
  rm -rf "$folder"
  write=(--write)
  dotnet test --collect 'XPlat Code Coverage' "-p:VSTestResultsDirectory=$PWD/$folder"
fi

rm -rf "$report"
status=0
dotnet reportgenerator "-reports:$folder/*/coverage.cobertura.xml" "-targetdir:$report" '-reporttypes:Cobertura;Html' -verbosity:Warning \
  "minimumCoverageThresholds:lineCoverage=$lines" "minimumCoverageThresholds:branchCoverage=$branches" || status=$?
dotnet run build/quality.cs -- coverage "$report/Cobertura.xml" "${write[@]}" || status=$?
((status == 0)) || echo "coverage: below $lines % of the lines or $branches % of the branches, or not measured." >&2
exit $status
