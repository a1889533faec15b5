#!/bin/sh
exec node /standins/main.mjs "${0##*/}" "$@"
