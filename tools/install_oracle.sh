#!/bin/sh
# Installs Kamailio and the SIP test clients that the tests compare with, where that is possible.
packages="kamailio kamailio-sqlite-modules kamailio-extra-modules kamailio-json-modules \
kamailio-mysql-modules kamailio-presence-modules kamailio-tls-modules kamailio-utils-modules \
kamailio-xml-modules kamcli sip-tester sipsak"
# KCC_ORACLE_ALL=1: every module that a package has, for tests/golden/test_arities_oracle.py
if [ "${KCC_ORACLE_ALL:-}" = 1 ]; then
    packages="$packages $(apt-cache pkgnames kamailio- 2>/dev/null | grep -- '-modules$' | tr '\n' ' ')"
fi
missing=""
for package in $packages; do
    dpkg -s "$package" >/dev/null 2>&1 || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "tests go without the Debian packages:$missing (install them as root for the live oracle)"
    exit 0
fi
export DEBIAN_FRONTEND=noninteractive
# A package's start script must not put a Kamailio on port 5060.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy" && chmod +x "$policy"
    trap 'rm -f "$policy"' EXIT
fi
log=$(mktemp)
# shellcheck disable=SC2086
if apt-get update -qq >"$log" 2>&1 && apt-get install -y -qq $missing >>"$log" 2>&1; then
    echo "installed for the tests:$missing"
else
    tail -5 "$log"
    echo "could not install:$missing"
fi
rm -f "$log"
