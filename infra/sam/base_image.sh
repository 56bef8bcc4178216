#!/usr/bin/env bash
# A stand-in for Lambda's image of python3.13, where the real one cannot be pulled: Debian 13, whose Python is 3.13, with what Lambda's
# /var/runtime has. `make sam-local SAM_LOCAL=--skip-pull-image` uses it by its name. Takes root, debootstrap and a running Docker.
set -euo pipefail
cd "$(dirname "$0")/../.."

host=$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x86_64)
image=public.ecr.aws/lambda/python:3.13-$host
mirror=${MIRROR:-http://deb.debian.org/debian}

docker image inspect "$image" > /dev/null 2>&1 && exit
[ -d .runtime/site ] || { echo "awslambdaric is not installed: run make .runtime/.ready"; exit 1; }

root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=python3,ca-certificates trixie "$root" "$mirror" > "$root.log" 2>&1 || {
  tail -5 "$root.log"; echo "debootstrap failed: see $root.log, or name another mirror by MIRROR="; exit 1;
}
rm -rf "$root.log" "$root"/var/cache/apt "$root"/var/lib/apt/lists

mkdir -p "$root"/var/task "$root"/var/runtime "$root"/opt
cp -r .runtime/site/. "$root/var/runtime"
cat > "$root/var/runtime/bootstrap" << 'END'
#!/bin/sh
export PYTHONPATH=/var/task:/opt/python:/var/runtime
cd /var/task
exec /usr/bin/python3.13 -m awslambdaric "$_HANDLER"
END
chmod +x "$root/var/runtime/bootstrap"
tar -C "$root" -c . | docker import -c 'WORKDIR /var/task' - "$image"
