#!/usr/bin/env bash
# Mutation tests: changes the code of the folders named (of src/Cachet.Core; default: all that have a gate) piece by piece and runs the tests of
# Cachet.Core.Tests against each change. Writes the scores into docs/quality.md; fails when one is below 85 %. Takes its time: minutes to an hour.
# What survived is printed; the reports to read are artifacts/mutation/FOLDER/reports/mutation-report.html.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

folders=("$@")
((${#folders[@]} > 0)) || folders=(Coalescing Pipeline Serialization)
reports=$PWD/artifacts/mutation
failed=()

dotnet tool restore >/dev/null
for folder in "${folders[@]}"; do
  rm -rf "${reports:?}/$folder"
  status=0
  # In the project's folder: beside a solution Stryker would take the whole of it. Its exit code 2, below the gate, is told from the figures too.
  (cd src/Cachet.Core && nice dotnet stryker -f ../../build/stryker.json --mutate "**/$folder/**/*.cs" -O "$reports/$folder" </dev/null) || status=$?
  if ((status != 0 && status != 2)); then failed+=("$folder (no run)"); continue; fi
  dotnet run build/quality.cs -- mutation "$folder" "$reports/$folder/reports/mutation-report.json" || failed+=("$folder")
done
if ((${#failed[@]} > 0)); then
  echo "mutation: failed for ${failed[*]}" >&2
  exit 1
fi
