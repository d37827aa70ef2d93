#!/usr/bin/env bash
# Runs test/Cachet.Backends.Tests: Cachet against Debian's Redis and Prometheus, which it installs where they are missing.
# Arguments are handed on to `dotnet test`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

missing=()
command -v redis-server >/dev/null || missing+=(redis-server)
{ command -v prometheus && command -v promtool; } >/dev/null || missing+=(prometheus)
if ((${#missing[@]} > 0)); then build/install-servers.sh "${missing[@]}"; fi

dotnet test test/Cachet.Backends.Tests/Cachet.Backends.Tests.csproj "$@"
