#!/bin/sh
# Installs the dependencies, if they are not there as package-lock.json wants them.
set -eu
cd "$(dirname "$0")/.."
if [ node_modules/.package-lock.json -nt package-lock.json ] && [ -x node_modules/.bin/bun ]; then exit 0; fi
echo "installing dependencies …" >&2
npm ci --no-audit --no-fund --loglevel=error >&2
