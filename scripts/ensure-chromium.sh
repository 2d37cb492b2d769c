# A Chromium for the tests with real browsers. Sourced after lib.sh; exports CHROMIUM.
# shellcheck shell=bash

find_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && have "$name"; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

if ! CHROMIUM=$(find_chromium); then
  apt_install Chromium chromium
  CHROMIUM=$(find_chromium) || die "Chromium is needed for the tests with real browsers: install it and set CHROMIUM to its path."
fi
export CHROMIUM
