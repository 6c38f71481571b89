#!/bin/sh
# Asks a server through curl as the Open Inference Protocol has it. Ends with an error at the first answer that is
# not as the protocol says:
#
#   sh kserve.sh URL KEY
set -eu
url=$1 key=$2

# ask PATH [CURL-ARGUMENT...]: prints the answer; an error status ends the script.
ask() {
	path=$1
	shift
	curl -sS --fail-with-body -H "Authorization: Bearer $key" "$@" "$url$path"
}

# has WORDS: passes what comes in on if it has the words.
has() {
	answer=$(cat)
	case $answer in
	*"$1"*) ;;
	*)
		echo "want $1 in: $answer" >&2
		exit 1
		;;
	esac
}

ask /v2/health/live | has '"status":"up"'
ask /v2/health/ready | has '"status":"up"'
ask /v2 | has '"name":"quintet"'
ask /v2/models/double | has '"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}'
ask /v2/models/double/ready | has '"ready":true'
ask /v2/models/double/versions/1 | has '"versions":["1"]'
ask /v2/models/double/infer -H 'Content-Type: application/json' -d '{
	"id": "42",
	"inputs": [
		{"name": "x", "shape": [2, 2], "datatype": "FP32", "data": [1, 2, 3, 4]},
		{"name": "n", "shape": [1], "datatype": "UINT8", "data": [7]}
	],
	"outputs": [{"name": "y"}]
}' | has '"id":"42","outputs":[{"name":"y","datatype":"FP32","shape":[2,2],"data":[2,4,6,8]}]'

status=$(curl -sS -o /dev/null -w '%{http_code}' -H "Authorization: Bearer $key" "$url/v2/models/none")
[ "$status" = 404 ] || { echo "a model that is not there: $status" >&2; exit 1; }
status=$(curl -sS -o /dev/null -w '%{http_code}' "$url/v2/models/double")
[ "$status" = 401 ] || { echo "without a key: $status" >&2; exit 1; }
echo 'as the protocol says'
