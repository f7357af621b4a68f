# The project's own environment, .venv. Read by ./kvkk and ./check, which have set $root to the project's folder.
#
# prepare LOCK makes .venv hold what LOCK pins, and the project itself, editable. It needs Python 3.11 and pip, not the venv
# package that Debian keeps apart. When all is in place it costs a few milliseconds. The stamp is written last: what was
# stopped half way is done again. Everything is said on stderr.
# shellcheck shell=sh disable=SC2154

venv=$root/.venv
# As the program chooses (core/locale): what is not English is Turkish.
language=${KVKK_LANG:-${LC_ALL:-${LC_MESSAGES:-${LANG:-}}}}

say() { # say ENGLISH TURKISH
    case $language in
        en*) printf 'kvkk: %s\n' "$1" >&2 ;;
        *) printf 'kvkk: %s\n' "$2" >&2 ;;
    esac
}

die() { # die EXIT-CODE ENGLISH TURKISH
    say "$2" "$3"
    exit "$1"
}

# What the environment is made of: other pins, another message text, another Python or another place make another stamp.
stamp_of() { # stamp_of LOCK
    {
        cat "$root/pyproject.toml" "$root/hatch_build.py" "$root/$1" "$root"/core/locale/*/LC_MESSAGES/*.po 2>/dev/null
        readlink -f "$venv/bin/python"
        printf '%s\n' "$root"
    } | cksum
}

in_place() { # in_place LOCK
    [ -x "$venv/bin/python" ] && [ -r "$venv/$1.stamp" ] && [ "$(cat "$venv/$1.stamp")" = "$(stamp_of "$1")" ]
}

# Prints a Python that is new enough and has a pip that can work for another Python, or nothing.
find_python() {
    for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
        if "$candidate" -c '
import sys, pip
sys.exit(sys.version_info < (3, 11) or tuple(int(n) for n in pip.__version__.split(".")[:2]) < (22, 3))' 2>/dev/null; then
            printf '%s\n' "$candidate"
            return
        fi
    done
}

may_write() {
    for place in "$root" "$venv" "$root/.venv.lock"; do
        [ ! -e "$place" ] || [ -w "$place" ] || return
    done
}

# One process sets up, a second one waits for it. The kernel drops the lock with its holder, however that ends.
lock_environment() {
    exec 9>"$root/.venv.lock"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 9>&9 2>/dev/null && return
    say "another start is setting up the environment; waiting for it" "başka bir başlatma ortamı kuruyor; bekleniyor"
    "$python" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)' 9>&9
}

# The environment has no pip of its own: that of the Python outside works for it.
pip_install() {
    "$python" -m pip --python "$venv/bin/python" install --quiet --no-input --disable-pip-version-check \
        --no-warn-script-location "$@" >>"$venv/setup.log" 2>&1
}

make_environment() { # make_environment LOCK
    rm -f "$venv"/*.stamp
    # Not a sound environment: none yet, one that was stopped half way, or one whose Python has gone from the machine.
    "$venv/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11) or sys.prefix == sys.base_prefix)' 2>/dev/null ||
        "$python" -m venv --clear --without-pip "$venv" &&
        : >"$venv/setup.log" &&
        pip_install --require-hashes --requirement "$root/$1" &&
        pip_install --no-deps --no-build-isolation --editable "$root"
}

set_up() { # set_up LOCK
    # What the user has set for other Pythons must not lead this one astray; where pip finds packages stays as it is set.
    unset PYTHONPATH PYTHONHOME PIP_TARGET PIP_PREFIX PIP_ROOT
    export PYTHONSAFEPATH=1 PIP_USER=0
    python=$(find_python)
    [ -n "$python" ] || die 1 \
        "Python 3.11 or newer with pip 22.3 or newer is needed. On Debian and Ubuntu: apt install python3 python3-pip" \
        "Python 3.11 ya da yenisi ve pip 22.3 ya da yenisi gerekiyor. Debian ve Ubuntu'da: apt install python3 python3-pip"
    may_write || die 1 \
        "the environment cannot be made: you may not write in $root. Ask its owner to start ./kvkk once, or copy the folder." \
        "ortam kurulamıyor: $root klasörüne yazma izniniz yok. Sahibi ./kvkk'yi bir kez başlatsın ya da klasörü kopyalayın."
    lock_environment
    ! in_place "$1" || return 0
    say "setting up the environment in .venv; this happens once and takes about half a minute" \
        "ortam .venv içinde kuruluyor; bu bir kez olur ve yarım dakika kadar sürer"
    make_environment "$1" || {
        [ ! -r "$venv/setup.log" ] || tail -n 15 "$venv/setup.log" >&2
        die 1 "the environment could not be made. Is there a network? Is the disk full? The next start tries again." \
            "ortam kurulamadı. Ağ bağlantısı var mı? Disk dolu mu? Sonraki başlatma yeniden dener."
    }
    stamp_of "$1" >"$venv/$1.stamp"
}

# The set-up happens in a subshell: its variables and its lock are gone when the program starts.
prepare() { # prepare LOCK
    in_place "$1" || (set_up "$1") || exit
}
