#!/bin/sh
# Makes a self-signed certificate, for trying things out, where there is none: make-certificate.sh <folder> <host> [owner]
set -eu
folder=$1
host=${2%%:*}
owner=${3:-}

if [ -e "$folder/fullchain.pem" ]; then
  echo "The certificate in $folder is used."
  exit 0
fi
case $host in
  *[!0-9.]*) name="DNS:$host" ;;
  *) name="IP:$host" ;;
esac
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 90 \
  -subj "/CN=$host" -addext "subjectAltName=$name" \
  -keyout "$folder/privkey.pem" -out "$folder/fullchain.pem.new" 2>/dev/null
chmod 644 "$folder/fullchain.pem.new"
if [ -n "$owner" ]; then
  chown "$owner" "$folder/privkey.pem" "$folder/fullchain.pem.new"
fi
mv "$folder/fullchain.pem.new" "$folder/fullchain.pem"
echo "A self-signed certificate for $host was made: browsers will warn of it."
