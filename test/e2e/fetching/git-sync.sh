#!/bin/sh
# Stands in for git-sync where its image cannot be had: the part of its contract that contexts use, on Debian's git.
# https://github.com/kubernetes/git-sync#manual
set -eu

for name in $(env | sed -n 's/^\(GITSYNC_[A-Z_]*\)=.*/\1/p'); do
  case $name in
    GITSYNC_REPO | GITSYNC_REF | GITSYNC_DEPTH | GITSYNC_ROOT | GITSYNC_LINK | GITSYNC_ONE_TIME) ;;
    GITSYNC_USERNAME | GITSYNC_PASSWORD_FILE) ;;
    *)
      echo "git-sync: this stand-in knows no $name" >&2
      exit 64
      ;;
  esac
done
[ "$GITSYNC_ONE_TIME" = true ]

export GIT_TERMINAL_PROMPT=0
mkdir -p "$GITSYNC_ROOT"
cd "$GITSYNC_ROOT"
git init -q .
if [ -n "${GITSYNC_PASSWORD_FILE:-}" ]; then
  git config credential.helper '!f() { echo "username=$GITSYNC_USERNAME"; echo "password=$(cat "$GITSYNC_PASSWORD_FILE")"; }; f'
fi
set --
if [ "$GITSYNC_DEPTH" != 0 ]; then set -- --depth "$GITSYNC_DEPTH"; fi
git fetch -q "$@" "$GITSYNC_REPO" "$GITSYNC_REF"
hash=$(git rev-parse FETCH_HEAD)
git worktree add -q --detach ".worktrees/$hash" FETCH_HEAD
ln -s ".worktrees/$hash" "$GITSYNC_LINK"
