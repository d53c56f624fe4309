#!/bin/sh
# Serves examples/cfg/registrar.cfg: run.sh BIN-DIRECTORY STATE-DIRECTORY
set -eu
bin=$1
state=$2
mkdir -p "$state/run"
chmod 700 "$state"
url="sqlite:///$PWD/$state/kamailio.sqlite"
"$bin/kcc" db create "$url"
"$bin/kcc" db add-user "$url" alice@127.0.0.1 alice-secret
"$bin/kcc" db add-user "$url" bob@127.0.0.1 bob-secret
cat <<TEXT

Serving examples/cfg/registrar.cfg on 127.0.0.1:5060 (UDP and TCP). Ctrl-C stops it.
Try, from another terminal:
  sipsak -s sip:127.0.0.1:5060 -v                      # answers 200 Keepalive
  kamcmd -s unix:$PWD/$state/run/kamailio_ctl ul.dump       # who is registered
  kamcmd -s unix:$PWD/$state/run/kamailio_ctl core.uptime
Phones register as alice or bob at 127.0.0.1 with alice-secret and bob-secret.

TEXT
exec "$bin/kcc" run -f examples/cfg/registrar.cfg -DD -E -Y "$state/run" -P "$state/run/kamailio.pid" \
    -A "DBURL=\"$url\""
