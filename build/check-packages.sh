#!/usr/bin/env bash
# Checks that a folder holds all packages with their symbols, and that nothing is missing in them.
set -euo pipefail
shopt -s nullglob

folder=${1:?usage: check-packages.sh FOLDER}
status=0

# The names of the files in a zip archive are in it as plain text: no unzip needed.
holds() {
  local package=$1 file
  shift
  for file in "$@"; do
    grep -aqF "$file" "$package" || {
      echo "$package: $file is missing"
      status=1
    }
  done
}

for name in Cachet.Core Cachet.OpenTelemetry Cachet.Testing; do
  packages=("$folder/$name".[0-9]*.nupkg)
  symbols=("$folder/$name".[0-9]*.snupkg)
  if ((${#packages[@]} != 1 || ${#symbols[@]} != 1)); then
    echo "$folder: ${#packages[@]} packages and ${#symbols[@]} symbol packages of $name, instead of one of each"
    status=1
    continue
  fi
  holds "${packages[0]}" "$name.nuspec" README.md LICENSE "lib/net10.0/$name.dll" "lib/net10.0/$name.xml"
  holds "${symbols[0]}" "$name.nuspec" "lib/net10.0/$name.pdb"
  echo "${packages[0]}, ${symbols[0]}"
done
exit $status
