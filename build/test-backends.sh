#!/usr/bin/env bash
# Runs test/Cachet.Backends.Tests: Cachet against Debian's Redis and Prometheus, which it installs where they are missing.
# Arguments are handed on to `dotnet test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

give_up() {
  echo "test-backends: $*" >&2
  exit 1
}

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
{ command -v prometheus && command -v promtool; } >/dev/null || missing+=(prometheus)

if ((${#missing[@]} > 0)); then
  want="${missing[*]}"
  command -v apt-get >/dev/null || give_up "$want not found, and there is no apt-get to install it with."
  [[ $(id -u) == 0 ]] || give_up "$want not found. Install it (apt-get install --no-install-recommends $want), or run this as root."
  echo "Installing $want"
  mkdir -p artifacts
  log=artifacts/apt-get.log
  # The packages would start their services: the tests start servers of their own, on free ports. 101 is policy-rc.d's "no".
  policy=/usr/sbin/policy-rc.d
  if [[ ! -e $policy ]]; then
    trap 'rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  status=0
  {
    apt-get update || echo "apt-get update failed: going on with the lists that are there."
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${missing[@]}"
  } </dev/null >"$log" 2>&1 || status=$?
  ((status == 0)) || give_up "$want could not be installed: apt-get's exit code is $status, what it said is in $log."
fi

dotnet test test/Cachet.Backends.Tests/Cachet.Backends.Tests.csproj "$@"
