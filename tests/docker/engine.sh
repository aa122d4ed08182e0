#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A Docker daemon of the tests' own, beside any other one of the machine: its
# socket, data and processes are below one folder, and it touches no network.
#
#   engine.sh start FOLDER [DOCKERD-OPTION…]   starts it; prints its socket's URL
#   engine.sh stop FOLDER                      stops it and removes the folder
#
# It needs root, and the packages docker.io, containerd and runc.
set -euo pipefail

fail() {
    echo "engine.sh: $1" >&2
    [[ ! -f ${folder:-}/log ]] || tail -n 15 "$folder/log" >&2
    exit 1
}

(($# >= 2)) || fail "start FOLDER or stop FOLDER is expected"
folder=$2
pid_file=$folder/dockerd.pid

is_answering() {
    curl --silent --fail --max-time 2 --unix-socket "$folder/docker.sock" http://docker/_ping >/dev/null 2>&1
}

is_alive() { # PID
    [[ $1 && -d /proc/$1 ]] && ! grep -q '^State:[[:space:]]*Z' "/proc/$1/status" 2>/dev/null
}

wait_for() { # SECONDS COMMAND…
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        ((SECONDS < deadline)) || return 1
        sleep 0.05
    done
}

start() {
    local pid stale
    ((EUID == 0)) || fail "dockerd needs root"
    command -v dockerd >/dev/null || fail "dockerd is not there; on Debian and Ubuntu: apt-get install docker.io"
    mkdir -p "$folder"
    # Of one that was killed: where nobody waits for it yet it would be taken for a running one.
    for stale in "$pid_file" "$folder/exec/containerd/containerd.pid"; do
        is_alive "$(cat "$stale" 2>/dev/null)" || rm -f "$stale"
    done
    # A session of its own: a Ctrl-C at the tests must not stop it before its containers.
    setsid dockerd --host "unix://$folder/docker.sock" --data-root "$folder/data" \
        --exec-root "$folder/exec" --pidfile "$pid_file" --storage-driver overlay2 \
        --bridge none --iptables=false --ip6tables=false \
        --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent "/$(basename "$folder")" "${@:3}" </dev/null >>"$folder/log" 2>&1 &
    pid=$!
    until is_answering; do
        is_alive "$pid" || fail "dockerd ended:"
        ((SECONDS < 30)) || fail "dockerd did not answer within 30 s:"
        sleep 0.05
    done
    echo "unix://$folder/docker.sock"
}

# Its containerd and what that started have the folder in their command lines.
processes_of_folder() {
    local process
    for process in /proc/[0-9]*; do
        [[ ${process##*/} != "$$" ]] && tr '\0' ' ' 2>/dev/null <"$process/cmdline" |
            grep -qE "(dockerd|containerd|containerd-shim[^ ]*|runc) .*$folder/" && echo "${process##*/}"
    done
    true
}

has_none_left() { [[ -z $(processes_of_folder) ]]; }

stop() {
    local pid target
    pid=$(cat "$pid_file" 2>/dev/null || true)
    if is_alive "$pid"; then
        kill -TERM "$pid"
        wait_for 20 eval "! is_alive $pid" || kill -KILL "$pid"
    fi
    # A daemon that was killed leaves its containerd and shims.
    wait_for 5 has_none_left || for pid in $(processes_of_folder); do
        kill -KILL "$pid" 2>/dev/null || true
    done
    wait_for 5 has_none_left || fail "still running: $(processes_of_folder | tr '\n' ' ')"
    while read -r target; do
        umount "$target" || fail "cannot unmount $target"
    done < <(awk -v below="$folder/" 'index($5, below) == 1 { print $5 }' /proc/self/mountinfo | sort -r)
    find /sys/fs/cgroup -depth -type d -path "*/$(basename "$folder")*" -exec rmdir {} + || true
    rm -rf "$folder"
}

case $1 in
start) start "$@" ;;
stop) stop ;;
*) fail "'$1' is neither start nor stop" ;;
esac
