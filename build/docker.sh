#!/usr/bin/env bash
# Makes sure that SAM can run functions here: a Docker engine answers and has Lambda's image. Where no engine answers it
# installs Debian's docker.io and starts it, and where no registry does it makes a stand-in for the image. It does either
# only on a machine that is meant for it (CI=1, IADE_REQUIRE=all or IADE_DOCKER=install; the engine as root). Elsewhere one
# line says what is missing, with exit code 2. The engine it started keeps running.
# Usage: build/docker.sh [x86_64|arm64], the architecture that the functions are built for.
set -euo pipefail
cd "$(dirname "$0")/.."
arch=${1:-x86_64}
sam=.tools/venv/bin/python
if [ ! -x "$sam" ]; then
  echo "sam is not in .tools/venv: run make tools" >&2
  exit 2
fi
# The name under which sam looks for the image.
image=$("$sam" -c 'from samcli.local.docker.lambda_image import LambdaImage; print(LambdaImage._INVOKE_REPO_PREFIX)')/provided:al2023-$arch
log=$PWD/.tools/dockerd.log

cannot() {
  echo "Docker: $1" >&2
  exit 2
}
allowed() {
  case ${CI:-} in 1 | true) return 0 ;; esac
  [ "${IADE_REQUIRE:-}" = all ] || [ "${IADE_DOCKER:-}" = install ]
}
# Without an engine some versions of the CLI end with 0 all the same; only an engine has a version.
answers() { [ -n "$(timeout 20 docker version --format '{{.Server.Version}}' 2>/dev/null)" ]; }

install_engine() {
  command -v apt-get >/dev/null || cannot "no engine answers and there is no apt-get to install one with: install and start Docker"
  echo "docker.io (the engine in which SAM runs the functions), with apt-get"
  if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq -o DPkg::Lock::Timeout=300 \
    --no-install-recommends docker.io iptables cgroupfs-mount; } >"$log" 2>&1 </dev/null; then
    cannot "docker.io could not be installed: $(grep -m1 '^E:' "$log" || echo "see $log")"
  fi
}

start_engine() {
  if [ ! -e /sys/fs/cgroup/cgroup.controllers ] && [ ! -d /sys/fs/cgroup/memory ] && command -v cgroupfs-mount >/dev/null; then
    cgroupfs-mount
  fi
  # An engine that was killed leaves its number behind, which another process may have by now.
  if [ -e /var/run/docker.pid ] && [ "$(cat "/proc/$(cat /var/run/docker.pid)/comm" 2>/dev/null)" != dockerd ]; then
    rm -f /var/run/docker.pid
  fi
  setsid dockerd >"$log" 2>&1 </dev/null &
  local engine=$!
  for _ in $(seq 60); do
    if answers; then
      echo "Docker's engine is started: process $engine, log $log"
      return
    fi
    kill -0 "$engine" 2>/dev/null || break
    sleep 1
  done
  cannot "dockerd does not start: $(tail -1 "$log") (log $log)"
}

# The stand-in: a shell and a few tools, with which SAM puts its runtime emulator in, and certificates. The functions are
# static and need nothing else.
make_image() {
  local root deb
  root=$(mktemp -d)
  trap 'rm -rf "$root"' RETURN
  if ! (cd "$root" && { apt-get download -qq busybox-static || { apt-get update -qq && apt-get download -qq busybox-static; }; }) >/dev/null 2>&1; then
    cannot "$image cannot be pulled, and busybox-static, of which to make a stand-in, cannot be fetched with apt-get"
  fi
  deb=$(echo "$root"/busybox-static_*.deb)
  mkdir -p "$root/image"/{bin,etc/ssl/certs,opt,tmp,usr/local/bin,var/rapid,var/runtime,var/task}
  dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$root/image/bin" --strip-components=2 ./bin/busybox
  local tool
  for tool in sh cat chmod cp ls mkdir mv rm; do ln -s busybox "$root/image/bin/$tool"; done
  chmod 1777 "$root/image/tmp"
  echo 'root:x:0:0:root:/root:/bin/sh' >"$root/image/etc/passwd"
  cp /etc/ssl/certs/ca-certificates.crt "$root/image/etc/ssl/certs/" 2>/dev/null || true
  tar -c -C "$root/image" . | docker import --change 'WORKDIR /var/task' --change 'ENTRYPOINT ["/bin/sh"]' \
    --change 'ENV LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime PATH=/usr/local/bin:/bin:/opt/bin LANG=en_US.UTF-8 TZ=:/etc/localtime' \
    --message "stand-in for $image" - "$image" >/dev/null
  echo "A stand-in of busybox-static takes the name $image"
}

case $arch in x86_64 | arm64) ;; *) cannot "there is no architecture $arch" ;; esac
mkdir -p .tools
if ! answers; then
  allowed || cannot "no engine answers: start Docker, or let this script install and start one with IADE_DOCKER=install, as root on Debian"
  [ "$(id -u)" -eq 0 ] || cannot "no engine answers, and only root may install and start one: start Docker"
  command -v dockerd >/dev/null || install_engine
  answers || start_engine # Debian's package may have started it
fi
if ! docker image inspect "$image" >/dev/null 2>&1; then
  echo "$image, with docker pull"
  if ! said=$(timeout 600 docker pull --quiet "$image" 2>&1); then
    allowed || cannot "$image cannot be pulled: ${said##*$'\n'}"
    make_image
  fi
fi
