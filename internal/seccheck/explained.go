package main

// explanation says why findings of a rule are none, under a folder or in a file.
type explanation struct{ rule, under, why string }

// ignored are the rules that say nothing about this module anywhere.
func ignored() []string {
	return []string{
		"G103", // unsafe: how kernels, mapped files and ONNX Runtime are reached; fuzzed, and run with the race detector
		"G104", // errors that are not looked at: writers in memory, and Close after another error that counts
		"G115", // narrowing conversions: what kernels and formats are made of; bounds are checked where input is read
	}
}

var explained = []explanation{
	{"G304", "examples/", "reads the files that its user names"},
	{"G304", "graph/", "opens the file that the caller names"},
	{"G304", "vector/", "opens the directory that the caller names"},
	{"G304", "vision/", "opens the folder of models that the caller names"},
	{"G304", "monitor/system/", "reads the kernel's files of this process's control group"},
	{"G304", "optimize/onnx/", "opens the library that the options or the environment name"},
	{"G304", "server/audit/", "opens the log that the options name"},
	{"G304", "server/config/", "reads the configuration that the operator names"},
	{"G304", "internal/mmap/", "opens the file that the caller names"},
	{"G304", "internal/onnxpb/", "external data: the name was held against the folder before"},
	{"G304", "internal/wal/", "opens the directory that the caller names"},
	{"G304", "internal/", "a tool or a test helper of the repository"},
	{"G304", "audio/models/gen/", "a tool of the repository"},
	{"G304", "text/models/", "a tool of the repository"},
	{"G304", "text/wordvectors/gen/", "a tool of the repository"},
	{"G306", "examples/", "writes what its user asked for, for everybody to read"},
	{"G306", "internal/", "a tool of the repository"},
	{"G306", "audio/models/gen/", "a tool of the repository"},
	{"G306", "text/models/", "a tool of the repository"},
	{"G703", "internal/", "a tool of the repository"},
	{"G703", "audio/models/gen/", "a tool of the repository"},
	{"G703", "text/models/", "a tool of the repository"},
	{"G204", "optimize/onnx/install/", "runs the package manager that it looked up"},
	{"G204", "audio/models/gen/", "a tool of the repository"},
	{"G204", "text/models/train/", "a tool of the repository"},
	{"G204", "internal/", "a tool of the repository"},
	{"G301", "optimize/hub/", "a cache of public models"},
	{"G301", "optimize/onnx/install/", "a cache of a public library"},
	{"G301", "internal/golden/", "a test helper of the repository"},
	{"G306", "docs/gen/", "a tool of the repository"},
	{"G703", "examples/multimodal/", "the path is one of the library's, which was listed within its folder"},
	{"G705", "examples/multimodal/", "the bytes are a JPEG that was encoded here, and say so"},
	{"G705", "server/pieces.go", "the bytes are JSON, as events or lines, and say so"},
	{"G404", "", "seeded samples, graphs and jitter, none of which is a secret"},
	{"G407", "text/redactkey.go", "the cipher makes a random nonce for each call"},
	{"G602", "text/sentimentrules.go", "the condition before it bounds the index"},
	{"G118", "optimize/load.go", "the last caller that waits for the load cancels it"},
	{"G124", "server/auth/session.go", "Secure follows the option, which the production profile demands; HttpOnly and SameSite are set"},
	{"G203", "examples/knowledgegraph/", "the picture is made by graph/picture, which escapes labels"},
	{"G505", "server/auth/totp.go", "RFC 6238 names HMAC-SHA-1, which is what authenticator programs have"},
}
