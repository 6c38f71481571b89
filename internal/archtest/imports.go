package archtest

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// anything is the row of rooms that nobody imports.
const anything = "*"

// mayImport names, for each room, the other rooms whose packages it may import.
// A room is a folder with the folders below it, unless these have a row of their
// own; within a room everything may import everything. The root is "".
var mayImport = map[string][]string{
	"":                    {},
	"internal":            {""},
	"internal/deploytest": {anything}, // a module of its own
	"internal/e2e":        {anything}, // a module of its own
	"internal/peers":      {anything}, // a module of its own
	"internal/seccheck":   {},         // a module of its own
	"optimize":            {"", "internal"},
	"optimize/onnx":       {"", "internal", "optimize"},
	"optimize/hub":        {"", "internal", "optimize"},
	"optimize/rediscache": {"", "internal", "optimize"},
	"text":                {"", "internal", "optimize"},
	"vision":              {"", "internal", "optimize"},
	"audio":               {"", "internal", "optimize"},
	"audio/plot":          {"", "internal", "audio"},
	"vector":              {"", "internal", "optimize"},
	"vector/pgvector":     {"", "vector"}, // a module of its own, as the next
	"vector/qdrant":       {"", "vector"},
	"graph":               {"", "internal", "optimize"},
	"graph/gonumgraph":    {"", "graph"}, // a module of its own
	"graph/picture":       {"", "internal", "graph"},
	"graph/pggraph":       {"", "graph"}, // a module of its own
	"monitor":             {"", "internal"},
	"monitor/prom":        {"", "monitor", "optimize", "server"}, // modules of their own, as the next two
	"monitor/gpu":         {"", "monitor"},
	"monitor/otel":        {"", "monitor"},
	"server":              {"", "internal", "monitor", "optimize", "text", "vision", "audio", "vector", "graph"},
	"examples":            {anything},
	"docs":                {anything}, // the code of its pages
}

// domains never meet in code of this module, not even in their tests.
var domains = []string{"text", "vision", "audio", "vector", "graph"}

// noPictures are the rooms that must not link the decoders of package image.
var noPictures = []string{"", "optimize", "text", "audio", "vector", "graph"}

// Imports is the law of who may import whom: imports flow one way, the root
// imports the standard library only, domains do not know one another nor HTTP,
// and only rooms that see pictures import package image.
func Imports(fsys fs.FS) []string {
	all, bad := sources(fsys)
	for _, s := range all {
		room, ok := roomOf(s.dir)
		if !ok {
			bad = append(bad, s.path+": its folder has no row in mayImport")
			continue
		}
		for p := range s.imports {
			if why := forbidden(s, room, p); why != "" {
				bad = append(bad, fmt.Sprintf("%s: imports %s: %s", s.path, p, why))
			}
		}
	}
	return bad
}

// roomOf returns the row with the longest name that dir is in.
func roomOf(dir string) (room string, ok bool) {
	for name := range mayImport {
		if name == "" && dir == "" {
			return "", true
		}
		if name != "" && inside(dir, name) && len(name) > len(room) {
			room, ok = name, true
		}
	}
	return room, ok
}

// forbidden says why a file must not import p; "" if it may.
func forbidden(s *source, room, p string) string {
	dir, ours := strings.CutPrefix(p, Module)
	if ours = ours && (dir == "" || dir[0] == '/'); ours {
		return forbiddenRoom(s, room, strings.TrimPrefix(dir, "/"))
	}
	std := !strings.Contains(strings.Split(p, "/")[0], ".")
	switch {
	case s.test():
		return ""
	case room == "" && !std:
		return "the root imports the standard library only"
	case slices.Contains(noPictures, room) && inside(p, "image"):
		return "no pictures in this room"
	case slices.Contains(domains, room) && inside(p, "net/http"):
		return "a domain knows no HTTP"
	}
	return ""
}

func forbiddenRoom(s *source, from, dir string) string {
	to, ok := roomOf(dir)
	rows := mayImport[from]
	switch {
	case !ok:
		return "its folder has no row in mayImport"
	case from == to || slices.Contains(rows, anything):
		return ""
	case s.test() && !(slices.Contains(domains, from) && slices.Contains(domains, to)):
		return ""
	case slices.Contains(rows, to):
		return ""
	}
	return fmt.Sprintf("room %q may import only %q", from, rows)
}
