#!/bin/sh
# Puts a new process in the place of each one that runs rooms, one after another: after `docker compose build rooms`, or to
# restart them all. Run it where docker-compose.yml is. Rooms are handed over, so the people in them notice nothing.
set -eu

old=$(docker compose ps --quiet rooms)
if [ -z "$old" ]; then
  echo "No process runs rooms. Start with: docker compose up --detach" >&2
  exit 1
fi
count=$(echo "$old" | wc -l)

for container in $old; do
  # One more, of the image as it is now; those that run are left as they are.
  docker compose up --detach --wait --no-deps --no-recreate --scale "rooms=$((count + 1))" rooms
  # Ends when its rooms are with the others, at the latest after STOP_GRACE_PERIOD.
  docker stop "$container"
  docker rm "$container"
done
