#!/bin/sh
# Makes sure that the browser tests find a Chromium, where that can be done without asking. Never fails: without
# a browser those tests are skipped, with the same advice as here.

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

advice="Browser tests will be skipped: install Chromium or Google Chrome and put it on the PATH."

# Ubuntu's package only points to a snap, which a container cannot run.
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null 2>&1 || grep -qs '^ID=ubuntu' /etc/os-release; then
    echo "$advice"
    exit 0
fi

echo "Installing Chromium for the browser tests."
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
{ timeout 120 apt-get update && timeout 300 apt-get install -y --no-install-recommends chromium; } >"$log" 2>&1 ||
    { tail -n 3 "$log"; echo "$advice"; }
rm -f "$log"
exit 0
