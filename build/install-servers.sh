#!/usr/bin/env bash
# Installs packages of Debian that hold servers, without starting these: build/install-servers.sh PACKAGE…. The caller looks what is missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

want="$*"
give_up() {
  echo "install-servers: $*" >&2
  exit 1
}

command -v apt-get >/dev/null || give_up "$want not found, and there is no apt-get to install it with."
[[ $(id -u) == 0 ]] || give_up "$want not found. Install it (apt-get install --no-install-recommends $want), or run this as root."
echo "Installing $want"
mkdir -p artifacts
log=artifacts/apt-get.log
# The packages would start their services: whoever calls starts servers of its own, on free ports. 101 is policy-rc.d's "no".
policy=/usr/sbin/policy-rc.d
if [[ ! -e $policy ]]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod +x "$policy"
fi
status=0
{
  apt-get update || echo "apt-get update failed: going on with the lists that are there."
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
} </dev/null >"$log" 2>&1 || status=$?
((status == 0)) || give_up "$want could not be installed: apt-get's exit code is $status, what it said is in $log."
