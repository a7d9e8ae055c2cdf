#!/bin/sh
# Installs the plan assistant from this bundle, without a network:
#   sh install.sh [--app DIR] [--data DIR] [--python PYTHON]
# into /srv/plan-assistant, with the index in /var/lib/plan-assistant. Run again with a newer bundle it replaces the
# program and its packages and leaves the data alone. Exits with 1 and one line where something is not as it should be.
set -eu
umask 022 # the server's own user has to read the program
here=$(cd "$(dirname "$0")" && pwd)
app=/srv/plan-assistant
data=/var/lib/plan-assistant
python=python3
fail() { echo "install.sh: $1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  [ $# -gt 1 ] || fail "$1: a value is missing"
  case $1 in
    --app) app=$2 ;; --data) data=$2 ;; --python) python=$2 ;;
    *) fail "$1: unknown; --app, --data and --python are known" ;;
  esac
  shift 2
done

# Nothing is run before every file is what it was when the bundle was made. Who made it, only a signature says.
(cd "$here" && sha256sum --check --quiet --strict SHA256SUMS) || fail "the bundle is damaged or was changed; copy it again"
command -v "$python" >/dev/null || fail "$python: not found; name Python 3.11 with --python"
made_for=$(sed 's/^Python \([0-9]*\.[0-9]*\).*/\1/' "$here/MADE_FOR")
found=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
[ "$found" = "$made_for" ] || fail "$python is Python $found, the bundle is for $(cat "$here/MADE_FOR"); name another with --python"

if [ -n "$(ls -A "$app" 2>/dev/null)" ] && [ ! -e "$app/app.py" ]; then
  fail "$app holds something else; name an empty folder with --app"
fi
mkdir -p "$app" "$data"
chmod 700 "$data"
# The old program goes first, so that none of its files stays among the new ones.
find "$app" -mindepth 1 -maxdepth 1 ! -name data -exec rm -rf {} +
cp -R "$here/project/." "$app/"
"$python" -m venv "$app/.venv"
"$app/.venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --isolated --no-cache-dir \
  --no-index --find-links "$here/wheelhouse" --only-binary :all: --require-hashes --requirement "$here/requirements.txt"
"$app/.venv/bin/python" -m pip check --quiet
touch "$app/.venv/.installed"
cp "$here/sbom.cdx.json" "$app/sbom.cdx.json"
# The index that comes along spares the first start its minute; one that is there stays.
[ -e "$data/index/CURRENT" ] || cp -R "$here/data/." "$data/"
cd "$app" && "$app/.venv/bin/python" -m assistant ask --data "$data" '甘肃省谁负责知识产权质押融资?'
echo "installed: $app, data in $data. To start it: cd $app && .venv/bin/python app.py --data $data"
