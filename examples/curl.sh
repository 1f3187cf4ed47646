#!/bin/sh
# All with curl: two strangers talk, a session sends, and somebody listens to it, loses the line and goes on.
#
#   sh examples/curl.sh                               # http://localhost:8002
#   sh examples/curl.sh http://192.168.1.100:8002
#
# It takes curl 7.76 or later. If the hub asks for a token, put it where curl looks by itself: into the file .curlrc of
# the folder that CURL_HOME names, as the line
#
#   oauth2-bearer = "…"
#
# docs/rest.md says what the paths take and give, and /openapi.json of the hub says it to programs.

set -eu
api=${1:-http://localhost:8002}/api/v1
# Without a token you are whose id you name, and in the session that you name: so nobody should guess them.
secret=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

call() { # path, and more for curl; with -d it is a POST
    path=$1
    shift
    curl -sS --fail-with-body -H "Content-Type: application/json" "$@" "$api/$path"
    echo
}

# ----- Two strangers. They have no connection: what comes for somebody waits until they say something, or ask for it.

says() { # who, what
    echo "$1: $2"
    call "chat/$1-$secret/messages" -d "{\"message\": \"$2\", \"nickname\": \"$1\"}"
}

reads() { # who; if nothing waits, something may come within 25 s
    echo "$1 reads"
    call "chat/$1-$secret/messages?wait=25"
}

says Anna "#meet"
says Bob "#meet"
reads Anna
says Anna "Hello Bob!"
reads Bob
says Bob "Hello Anna! Bye."
says Bob "#bye"
reads Anna

# ----- A session. What one client gives or sends, all of them see; here by server-sent events.

session=sessions/family-$secret
room=$(mktemp -d)
mkfifo "$room/events"
listener=
trap 'kill $listener 2>/dev/null || true; rm -rf "$room"' EXIT

listen() { # and more for curl; -N shows events as they come
    curl -sSN --max-time 60 "$@" "$api/$session/events" >"$room/events" &
    listener=$!
    exec 3<"$room/events"
}

hears() { # what: shows the events up to one of this type, and keeps the id of the last
    event=
    while IFS= read -r line <&3; do
        case $line in
            "event: "*) event=${line#*: } ;;
            "id: "*) id=${line#*: } ;;
            "data: "*) data=${line#*: } ;;
        esac
        # An empty line ends an event, or something that is none.
        if [ -z "$line" ] && [ -n "$event" ]; then
            echo "    $event: $data"
            if [ "$event" = "$1" ]; then return; fi
            event=
        fi
    done
    echo "The events ended before $1 came." >&2
    return 1
}

echo "A listener comes"
listen
hears registration_confirmed

echo "Contacts"
call "$session/contacts" -X PUT -d '{"contacts": ["John", "Sarah"]}'
hears contact_list_broadcast

echo "A message, as an action. Twice, but with one key: it is sent once."
for _ in first second; do
    call "$session/commands" -H "Idempotency-Key: $secret" \
        -d '{"action": "send", "contact": "John", "message": "Hello!"}'
done
hears whatsapp_message

echo "The listener loses the line, and meanwhile there is a message, in plain words"
kill "$listener"
exec 3<&-
call "$session/ai-commands" -d '{"command": "tell sarah that I am late"}'

echo "With the id of the last event that it saw the listener goes on behind it"
listen -H "Last-Event-ID: $id"
hears whatsapp_message

echo "What was sent"
call "$session/messages?count=10"
