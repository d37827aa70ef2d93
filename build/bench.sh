#!/usr/bin/env bash
# Measures Cachet next to its peers, prints the figures next to the goals, and says which hold: build/bench.sh [--quick] [--gate] [GROUP…].
# build/bench.sh hit-ratio: how often caches have what they are asked for, on streams of keys (docs/performance/hit-ratio.md).
# build/bench.sh servers [--quick]: load on Redis, which it installs where it is missing, and Garnet (docs/performance/servers.md).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1
if [[ " $* " == *" servers "* ]]; then command -v redis-server >/dev/null || build/install-servers.sh redis-server; fi
dotnet build -c Release --verbosity quiet test/Cachet.Benchmarks
exec dotnet test/Cachet.Benchmarks/bin/Release/net10.0/Cachet.Benchmarks.dll "$@"
