#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# What `make dev`, `make smoke` and `make clean` do with Docker. All that is started has a label, so
# what is left of it is found again whatever became of Compose's own notes.
#
#   stack.sh check    that Docker and Compose can be used; says in a sentence why not
#   stack.sh dev      starts the server, waits until it is ready, prints its address with the token
#   stack.sh smoke    asks it one prompt of each data set and checks the values
#   stack.sh clean    removes its containers, networks and volumes, and every run left behind
#
# PORT, IMAGE and ACCESS_TOKEN are as in compose.yaml; HARDENED=1 takes hardened.yaml; COMPOSE is the
# command, where it is to be another than the one that is found.
set -euo pipefail
cd "$(dirname "$0")/.."

port=${PORT:-8080}
image=${IMAGE:-sandglass:latest}
file=compose/compose.yaml
[[ -z ${HARDENED:-} ]] || file=compose/hardened.yaml
ready_s=90

fail() {
    echo "make ${MAKE_TARGET:-dev}: $1" >&2
    exit 1
}

# ---- Docker, and why it cannot be used

# The socket of the daemon that the command docker talks to.
find_socket() {
    local host=${DOCKER_HOST:-}
    [[ $host ]] || host=$(docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true)
    host=${host:-unix:///var/run/docker.sock}
    [[ $host == unix://* ]] ||
        fail "Docker is at $host, on another machine, where this one could not open the page. Run the server here and its containers there: build/app serve --mode docker --docker-host $host."
    socket=${host#unix://}
    export DOCKER_SOCKET=${DOCKER_SOCKET:-$socket}
    # Docker Desktop's is a forwarded one; in its machine the daemon's own is at the usual place.
    [[ $DOCKER_SOCKET != "${HOME:-/nowhere}"/.docker/* ]] || DOCKER_SOCKET=/var/run/docker.sock
}

require_docker() {
    command -v docker >/dev/null ||
        fail "Docker is not installed: there is no command docker. Install it (docs.docker.com/engine/install; on Debian and Ubuntu: apt-get install docker.io), or run without it: make run."
    find_socket
    [[ -S $socket ]] ||
        fail "Docker is not there: no such socket as $socket. Start it (systemctl start docker, or Docker Desktop), set DOCKER_HOST to where it listens, or run without it: make run."
    docker version >/dev/null 2>&1 && return
    [[ -w $socket ]] ||
        fail "this user may not use Docker at $socket: permission denied. Add the user to the group docker (usermod -aG docker USER; who then is as good as root) and log in anew, or run without it: make run."
    fail "Docker does not run: nobody answers at $socket. Start it (systemctl start docker; journalctl -u docker says why it ended), or run without it: make run."
}

require_compose() {
    if [[ ${COMPOSE:-} ]]; then
        read -ra compose <<<"$COMPOSE"
    elif docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif command -v docker-compose >/dev/null; then
        compose=(docker-compose)
    else
        fail "Docker is there, but neither docker compose nor docker-compose is. Install one (docs.docker.com/compose/install; on Debian and Ubuntu: apt-get install docker-compose)."
    fi
    compose+=(-f "$file")
}

server() { # the id of the server's container, where it runs
    docker ps --quiet --filter label=sandglass.compose --filter label=sandglass.role=server | head -n 1
}

# ---- dev

fail_for_port() {
    fail "something else listens on port $port of this machine. Stop it, or choose another port: make dev PORT=8081."
}

require_port() {
    [[ -z $(docker ps --quiet --filter label=sandglass.compose --filter "publish=$port") ]] || return 0
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || fail_for_port
}

bring_up() {
    local output
    if ! output=$("${compose[@]}" up --detach --remove-orphans 2>&1); then
        ! grep -qE 'port is already allocated|address already in use' <<<"$output" || fail_for_port
        tail -n 15 <<<"$output" >&2
        fail "the server could not be started; what Compose says is above."
    fi
}

wait_until_ready() {
    local id deadline=$((SECONDS + ready_s))
    until id=$(server) && [[ $id ]] && docker exec "$id" /app health >/dev/null 2>&1; do
        if ((SECONDS >= deadline)); then
            "${compose[@]}" logs --no-color --tail 20 >&2 || true
            fail "the server was not ready within $ready_s s; its log is above."
        fi
        sleep 0.2
    done
}

dev() {
    require_docker
    require_compose
    require_port
    docker image inspect "$image" >/dev/null 2>&1 || fail "there is no image $image. Build it: make image."
    bring_up
    wait_until_ready
    echo "Sandglass is ready: $(docker exec "$(server)" /app token --url "http://127.0.0.1:$port/")"
    echo "Its log: ${compose[*]} logs --follow    To test it: make smoke    To remove it: make clean"
}

# ---- smoke and clean

smoke() {
    local id address
    require_docker
    id=$(server)
    [[ $id ]] || fail "no server is running in Docker. Start one: make dev."
    address=$(docker port "$id" 8080/tcp | head -n 1)
    ACCESS_TOKEN=$(docker exec "$id" /app token) build/app smoke --url "http://$address" --prompts 1
}

# Removes what COMMAND lists with one of the labels.
remove() { # WHAT REMOVING-COMMAND… -- LISTING-COMMAND…
    local what=$1 removing=() found
    shift
    while [[ $1 != -- ]]; do removing+=("$1") && shift; done
    mapfile -t found < <("${@:2}")
    ((${#found[@]})) || return 0
    "${removing[@]}" "${found[@]}" >/dev/null && echo "Removed $what: ${#found[@]}."
}

clean() {
    command -v docker >/dev/null || return 0
    if ! docker version >/dev/null 2>&1; then
        echo "Docker does not answer, so nothing that it may have was removed." >&2
        return
    fi
    # The server first: it would make new ones.
    remove "containers of the server" docker rm --force --volumes -- \
        docker ps --all --quiet --filter label=sandglass.compose
    remove "containers of runs" docker rm --force --volumes -- \
        docker ps --all --quiet --filter label=sandglass.server
    remove networks docker network rm -- docker network ls --quiet --filter label=sandglass.compose
    remove volumes docker volume rm --force -- docker volume ls --quiet --filter label=sandglass.compose
    docker image rm "$image" >/dev/null 2>&1 || true # it stays where something else uses it
}

case ${1:-} in
check) require_docker && require_compose ;;
dev | smoke | clean) MAKE_TARGET=$1 && "$1" ;;
*) echo "stack.sh: check, dev, smoke or clean is expected" >&2 && exit 2 ;;
esac
