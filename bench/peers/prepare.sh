# For the scripts of bench/, by its full path: finds the JDK, builds the echo servers, makes class paths and AOT caches.

root="${BASH_SOURCE[0]%/bench/peers/prepare.sh}"
target="$root/bench/peers/target"
jars="$target/jars"

# The JDK that built, whose caches these are: no time of a start goes into looking for one.
jdk=""
[[ ! -f "$jars/built" ]] || read -r jdk <"$jars/built" || true
[[ -n "$jdk" && -x "$jdk/bin/java" ]] || jdk="$("$root/torsion" --jdk)"
java="$jdk/bin/java"
jvm=(-XX:+UseSerialGC -XX:TieredStopAtLevel=4 -XX:-UsePerfData -Xlog:aot=off -Xlog:cds=off
    --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -Dio.netty.leakDetection.level=disabled
    -Dslf4j.provider=org.slf4j.simple.SimpleServiceProvider -Dslf4j.internal.verbosity=WARN)

# Builds the echo servers, if a source is newer than the last build.
prepare() {
    if [[ ! -f "$jars/built" || -n "$(find "$root"/pom.xml "$root"/{reactor,netty,protocols,bench/peers}/{pom.xml,src/main} \
        -newer "$jars/built" -type f -print -quit)" ]]; then
        echo "building the echo servers (log: $target/build.log)" >&2
        mkdir -p "$target"
        rm -rf "$jars" && mkdir -p "$jars"
        if ! JAVA_HOME="$jdk" mvn -B -ntp -q -f "$root/pom.xml" -pl bench/peers -am -DskipTests package \
            dependency:copy-dependencies -DoutputDirectory="$jars" -DincludeScope=runtime >"$target/build.log" 2>&1; then
            tail -n 20 "$target/build.log" >&2
            echo "the build of the echo servers failed" >&2
            exit 1
        fi
        cp "$target"/torsion-bench-peers-*.jar "$jars/"
        echo "$jdk" >"$jars/built"
    fi
}

# What our server needs, and no more: what is on the class path costs time to start.
ours_classpath() {
    local path="" jar
    for jar in "$jars"/{torsion-bench-peers,torsion-netty,torsion-reactor,netty-common,netty-buffer,netty-transport,netty-resolver,slf4j}-*.jar; do
        case "$jar" in
            *-classes-* | *-native-*) [[ "$1" == nio ]] && continue ;;
            *-tests.jar | *-sources.jar) continue ;;
        esac
        path+="$jar:"
    done
    echo "${path%:}"
}

all_classpath() {
    echo "$jars/*"
}

# A cache for server $1 with the way in $2 and the main class $3; made, if need be, by a first run with some load.
aot_cache() {
    local cache pid port
    cache="$jars/$1-$2.aot"
    if [[ ! -f "$cache" ]]; then
        local out="$cache.out"
        "$java" "${jvm[@]}" -XX:AOTCacheOutput="$cache" -cp "$(ours_classpath "$2")" "$3" 0 127.0.0.1 "$2" 1 >"$out" 2>&1 &
        pid=$!
        for _ in $(seq 100); do
            grep -qs listening "$out" && break
            sleep 0.1
        done
        port="$(sed -n 's/^listening on [^ ]*:\([0-9]*\).*/\1/p' "$out")"
        if [[ -z "$port" ]]; then
            cat "$out" >&2
            echo "the server did not start with $2" >&2
            exit 1
        fi
        for _ in $(seq 20); do
            (exec 3<>"/dev/tcp/127.0.0.1/$port" && echo hello >&3 && head -n 1 <&3 >/dev/null) || true
        done
        kill "$pid"
        wait "$pid" || true
    fi
    echo "$cache"
}
