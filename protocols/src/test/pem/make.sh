#!/usr/bin/env bash
# Makes the certificates of the tests again, all of them; they are valid from 2020 to 2120. Needs openssl 3.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: >"$work/index"
echo 1000 >"$work/serial"
cat >"$work/ca.conf" <<CONF
[ca]
default_ca = here
[here]
database = $work/index
serial = $work/serial
new_certs_dir = $work
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
[req]
distinguished_name = none
[none]
commonName = Name
CONF

key() { # NAME [rsa|ed25519|pss|pss384]
    if [[ "${2:-}" == rsa ]]; then
        openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$1.key"
    elif [[ "${2:-}" == ed25519 ]]; then
        openssl genpkey -quiet -algorithm ED25519 -out "$1.key"
    elif [[ "${2:-}" == pss ]]; then
        openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -out "$1.key"
    elif [[ "${2:-}" == pss384 ]]; then
        openssl genpkey -quiet -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:sha384 \
            -pkeyopt rsa_pss_keygen_mgf1_md:sha384 -pkeyopt rsa_pss_keygen_saltlen:48 -out "$1.key"
    else
        openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"
    fi
}
certificate() { # NAME COMMON-NAME EXTENSIONS LAST-YEAR SIGNING-OPTIONS...
    openssl req -new -config "$work/ca.conf" -key "$1.key" -subj "/CN=$2" -out "$work/request"
    openssl ca -batch -notext -config "$work/ca.conf" -in "$work/request" -out "$1.crt" -keyfile "$1.key" \
        -startdate 20200101000000Z -enddate "$4"0101000000Z -extfile <(printf "$3") "${@:5}" 2>"$work/said" || { cat "$work/said"; exit 1; }
}
authority() { # NAME COMMON-NAME
    key "$1"
    certificate "$1" "$2" 'basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n' 2120 -selfsign
}
signed() { # NAME COMMON-NAME SUBJECT-ALTERNATIVE-NAMES AUTHORITY [LAST-YEAR] [rsa]
    key "$1" "${6:-}"
    certificate "$1" "$2" "subjectAltName=$3\nextendedKeyUsage=serverAuth,clientAuth\n" "${5:-2120}" \
        -cert "$4.crt" -keyfile "$4.key"
}

authority authority "Torsion tests"
authority stranger "Somebody else"
signed server server.example "DNS:server.example,DNS:localhost,IP:127.0.0.1,IP:::1" authority
signed other other.example "DNS:other.example,DNS:*.wild.example" authority 2120 rsa
signed client client.example "DNS:client.example" authority
signed unknown unknown.example "DNS:unknown.example,DNS:server.example" stranger
signed expired server.example "DNS:server.example,DNS:localhost" authority 2021
key self
certificate self server.example 'subjectAltName=DNS:server.example\n' 2120 -selfsign
key rsa rsa
certificate rsa server.example 'subjectAltName=DNS:server.example\n' 2120 -selfsign
key ed25519 ed25519
certificate ed25519 server.example 'subjectAltName=DNS:server.example\n' 2120 -selfsign -md null
key pss pss
certificate pss server.example 'subjectAltName=DNS:server.example\n' 2120 -selfsign
key pss384 pss384
certificate pss384 server.example 'subjectAltName=DNS:server.example\n' 2120 -selfsign -md sha384
authority issuing "Torsion issuing"
signed kept server.example "DNS:server.example" issuing
signed revoked server.example "DNS:server.example" issuing
revocations() { # NAME LAST-YEAR
    openssl ca -gencrl -config "$work/ca.conf" -cert issuing.crt -keyfile issuing.key -out "$1.crl" \
        -crl_lastupdate 20200101000000Z -crl_nextupdate "$2"0101000000Z
}
openssl ca -revoke revoked.crt -crl_reason keyCompromise -config "$work/ca.conf" -cert issuing.crt -keyfile issuing.key \
    2>"$work/said" || { cat "$work/said"; exit 1; }
revocations issuing 2120
revocations issuing.expired 2021
authority purposes "Torsion purposes"
key visitor
certificate visitor visitor.example 'subjectAltName=DNS:server.example\nextendedKeyUsage=clientAuth\n' 2120 \
    -cert purposes.crt -keyfile purposes.key
signed below below.example "DNS:server.example" visitor
cat visitor.crt >>below.crt
rm authority.key stranger.key issuing.key purposes.key
openssl pkey -in server.key -traditional -out server.sec1.key
openssl pkey -in other.key -traditional -out other.pkcs1.key
openssl pkcs8 -topk8 -in server.key -passout pass:secret -out server.encrypted.key
