# SPDX-License-Identifier: BSD-2-Clause
# Sourced by ./run and ./test: install what the machine lacks, configure and
# build. Everything it says goes to standard error.

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$(basename "$0"): $*"
	exit 1
}

# The packages of tools/packages.txt that dpkg does not have.
missing_packages() {
	local name
	grep -v '^#' "$top/tools/packages.txt" | while read -r name; do
		[ -n "$name" ] || continue
		dpkg-query -W -f '${db:Status-Status}\n' "$name" 2>/dev/null |
			grep -qx installed || printf '%s\n' "$name"
	done
}

install_packages() {
	local missing as_root=""
	command -v dpkg-query >/dev/null ||
		die "this is not a Debian system: install what tools/packages.txt names by other means"
	missing=$(missing_packages | tr '\n' ' ')
	[ -n "${missing// /}" ] || return 0
	say "missing packages: $missing"
	if [ "$(id -u)" -ne 0 ]; then
		command -v sudo >/dev/null ||
			die "neither root nor sudo here: ask an administrator for: apt-get install $missing"
		as_root=sudo
	fi
	say "installing them with apt-get"
	# shellcheck disable=SC2086
	if ! { $as_root apt-get update -qq &&
		DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
			--no-install-recommends $missing; } >"$top/.setup.log" 2>&1; then
		tail -n 20 "$top/.setup.log" >&2
		die "apt-get failed (its output is in .setup.log)"
	fi
	rm -f "$top/.setup.log"
}

# configure DIR [meson options]: only when it is not there yet.
configure() {
	local dir=$1
	shift
	[ -f "$dir/build.ninja" ] && return 0
	say "configuring $(basename "$dir")"
	meson setup "$dir" "$top" "$@" >"$top/.setup.log" 2>&1 || {
		tail -n 30 "$top/.setup.log" >&2
		die "meson setup failed"
	}
	rm -f "$top/.setup.log"
}

# build DIR [targets]: quiet unless something fails.
build() {
	local dir=$1 log
	shift
	# A no-op build says so at once; anything else is announced.
	if ! ninja -C "$dir" -n "$@" 2>/dev/null | grep -q 'no work to do'; then
		say "building $(basename "$dir")"
		log=$(mktemp)
		if ! ninja -C "$dir" "$@" >"$log" 2>&1; then
			grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 60 >&2
			rm -f "$log"
			die "the build failed"
		fi
		rm -f "$log"
	fi
}
