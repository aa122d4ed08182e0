#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# A Kubernetes cluster on this machine to try the chart on: kind, else k3d. `make
# k8s-up`, `helm-install`, `k8s-smoke`, `helm-uninstall` and `k8s-down` call it.
#
# Usage: kubernetes.sh up|install|smoke|uninstall|down
#   IMAGE         the image that the cluster gets (sandglass:latest)
#   CLUSTER       the local cluster's name (sandglass)
#   KUBE_CONTEXT  a cluster of yours instead of the local one. kubectl's current
#                 context is never taken unasked: it may be anything.
#   NAMESPACE, RELEASE   where the chart goes and as what (sandglass)
#   VALUES        a file of values for the chart
set -euo pipefail
cd "$(dirname "$0")/.."

image=${IMAGE:-sandglass:latest}
cluster=${CLUSTER:-sandglass}
namespace=${NAMESPACE:-sandglass}
release=${RELEASE:-sandglass}
patience=180s

fail() { echo "kubernetes.sh: $*" >&2 && exit 1; }
has() { command -v "$1" >/dev/null; }
kube() { kubectl --context "$context" --namespace "$namespace" "$@"; }
need_kubectl() { has kubectl || fail "kubectl is not there; https://kubernetes.io/docs/tasks/tools/ says how to get it."; }

# ---- The cluster

local_tool() {
    if has kind; then echo kind; elif has k3d; then echo k3d; else
        fail "neither kind nor k3d is here, and a local cluster needs one: https://kind.sigs.k8s.io or https://k3d.io." \
            "For a cluster that you have already: make helm-install KUBE_CONTEXT=NAME."
    fi
}

is_there() { # TOOL
    case $1 in
    kind) kind get clusters 2>/dev/null | grep -xF "$cluster" >/dev/null ;;
    k3d) k3d cluster list "$cluster" >/dev/null 2>&1 ;;
    esac
}

up() {
    local tool
    tool=$(local_tool)
    need_kubectl
    if ! is_there "$tool"; then
        case $tool in
        kind) kind create cluster --name "$cluster" --wait "$patience" ;;
        k3d) k3d cluster create "$cluster" --wait --timeout "$patience" ;;
        esac
    fi
    case $tool in
    kind) kind load docker-image "$image" --name "$cluster" ;;
    k3d) k3d image import "$image" --cluster "$cluster" ;;
    esac
    kubectl --context "$tool-$cluster" wait --for=condition=Ready nodes --all --timeout="$patience"
    echo "The cluster $cluster is ready, with $image in it. Next: make helm-install"
}

down() {
    local tool
    tool=$(local_tool)
    is_there "$tool" || { echo "There is no cluster $cluster of $tool's; nothing is to be removed." && return; }
    case $tool in
    kind) kind delete cluster --name "$cluster" ;;
    k3d) k3d cluster delete "$cluster" ;;
    esac
}

# Sets context: the one that is asked for, else that of the local cluster.
choose_context() {
    local contexts one
    need_kubectl
    contexts=$(kubectl config get-contexts --output name)
    for one in ${KUBE_CONTEXT:-"kind-$cluster" "k3d-$cluster"}; do
        if grep -qxF "$one" <<<"$contexts"; then
            context=$one
            return
        fi
    done
    [[ -z ${KUBE_CONTEXT:-} ]] ||
        fail "kubectl knows no context $KUBE_CONTEXT; kubectl config get-contexts lists those that it knows."
    fail "there is no local cluster $cluster: make k8s-up first, or name a cluster of yours with KUBE_CONTEXT=NAME."
}

# ---- The chart

# Without Helm the token is made before the chart is rendered, and kept: the chart then names its Secret.
own_secret=$release-token

render() {
    build/app render-helm --release "$release" --namespace "$namespace" --skip-tests \
        --set "auth.existingSecret=$own_secret" "${values[@]}"
}

# One that is made here admits no Pod that the chart could do without.
make_namespace() {
    kubectl --context "$context" get namespace "$namespace" >/dev/null 2>&1 && return
    kubectl --context "$context" create namespace "$namespace"
    kubectl --context "$context" label namespace "$namespace" pod-security.kubernetes.io/enforce=restricted
}

# A token is never an argument of a program: others on the machine could read it there.
make_token() {
    kube get secret "$own_secret" >/dev/null 2>&1 && return
    head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n' |
        kube create secret generic "$own_secret" --from-file=token=/dev/stdin
}

read_token() {
    local secret
    for secret in "$own_secret" "$release"; do
        kube get secret "$secret" --output 'jsonpath={.data.token}' 2>/dev/null | base64 -d && return
    done
    fail "there is no $release in the namespace $namespace of $context: make helm-install first."
}

install_chart() {
    make_namespace
    if has helm; then
        helm --kube-context "$context" upgrade --install "$release" chart --namespace "$namespace" "${values[@]}" \
            --wait --timeout "$patience"
    else
        echo "Helm is not here; app render-helm renders the chart, kubectl applies it."
        make_token
        render | kube apply -f -
        kube rollout status deployment --selector "app.kubernetes.io/instance=$release" --timeout="$patience"
    fi
    cat <<TEXT

Sandglass runs in the namespace $namespace of $context. To open it:

  kubectl --context $context --namespace $namespace port-forward service/$release 8080:80

  http://127.0.0.1:8080/    access token: $(read_token)

Next: make k8s-smoke
TEXT
}

uninstall_chart() {
    if has helm; then
        helm --kube-context "$context" uninstall "$release" --namespace "$namespace" --ignore-not-found --wait
    else
        # All documents but the volume's claim.
        render | awk 'BEGIN { RS = "---\n"; ORS = "---\n" } !/(^|\n)kind: PersistentVolumeClaim\n/' |
            kube delete --ignore-not-found -f -
        kube delete secret "$own_secret" --ignore-not-found
    fi
    kube get persistentvolumeclaim --selector "app.kubernetes.io/instance=$release" --output name | while read -r claim; do
        echo "$claim stays, with the conversations in it. To delete it:"
        echo "  kubectl --context $context --namespace $namespace delete $claim"
    done
}

# ---- A test from outside: through a forwarded port, as a user comes in

# Sets port, a free one of this machine.
forward_port() {
    : >"$work/forward" # there before it is read
    kube port-forward "service/$release" :80 >>"$work/forward" 2>&1 &
    helpers+=($!)
    for ((tries = 0; tries < 100; tries++)); do
        port=$(sed -n 's/^Forwarding from 127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$work/forward")
        [[ -z $port ]] || return 0
        kill -0 "${helpers[-1]}" 2>/dev/null || break
        sleep 0.1
    done
    fail "the Service $release cannot be reached: $(tail -n 1 "$work/forward")"
}

smoke() {
    local token port status=0
    work=$(mktemp -d)
    helpers=()
    trap 'kill "${helpers[@]}" 2>/dev/null; rm -rf "$work"' EXIT
    token=$(read_token)
    forward_port
    kube get jobs --selector app.kubernetes.io/name=sandglass-runner --watch --no-headers \
        --output custom-columns=NAME:.metadata.name,ACTIVE:.status.active,DONE:.status.succeeded >"$work/jobs" 2>&1 &
    helpers+=($!)
    ACCESS_TOKEN=$token build/app smoke --url "http://127.0.0.1:$port" || status=1
    sleep 1 # the last Job's end is told a moment after its answer
    show_jobs "$work/jobs" || status=1
    return $status
}

show_jobs() { # FILE: what the watch told, a line at each change of a Job
    local jobs
    jobs=$(awk '/^sandglass-/ { seen[$1] = 1; active[$1] += $2 + 0 > 0; done[$1] += $3 + 0 > 0 }
        END { for (job in seen) print "  job/" job "  " (done[job] ? "Complete" : \
            (active[job] ? "1 Pod active, " : "") "deleted with its Pod once the result had come") }' "$1" | sort)
    [[ $jobs ]] || { echo "No Job was seen: the answers did not come from Pods. Is executionMode k8s?" >&2 && return 1; }
    printf '\nThe Jobs that gave these answers, as the cluster told of them:\n%s\n' "$jobs"
}

case ${1:-} in
up) up ;;
down) down ;;
install | smoke | uninstall)
    values=(--set "image.repository=${image%:*}" --set "image.tag=${image##*:}")
    [[ -z ${VALUES:-} ]] || values+=(--values "$VALUES")
    choose_context
    case $1 in
    install) install_chart ;;
    smoke) smoke ;;
    uninstall) uninstall_chart ;;
    esac
    ;;
*) fail "up, install, smoke, uninstall or down is expected." ;;
esac
