package hub_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/quintet-ai/quintet"
	"github.com/quintet-ai/quintet/optimize/hub"
)

func TestFetchRefusesOptions(t *testing.T) {
	tests := map[string]struct {
		repo    string
		o       hub.FetchOptions
		message string
	}{
		"no repository":            {"", hub.FetchOptions{}, `repository ""`},
		"a repository of three":    {"a/b/c", hub.FetchOptions{}, `repository "a/b/c"`},
		"a repository above":       {"../b", hub.FetchOptions{}, `repository "../b"`},
		"a hidden repository":      {"a/.git", hub.FetchOptions{}, `repository "a/.git"`},
		"a revision above":         {repo, hub.FetchOptions{Revision: "../x"}, `revision "../x"`},
		"a revision with spaces":   {repo, hub.FetchOptions{Revision: "a b"}, `revision "a b"`},
		"no http":                  {repo, hub.FetchOptions{Endpoint: "ftp://host"}, "endpoint is no http address"},
		"no host":                  {repo, hub.FetchOptions{Endpoint: "host/path"}, "endpoint is no http address"},
		"a password":               {repo, hub.FetchOptions{Endpoint: "https://u:p@host"}, "more than scheme, host and path"},
		"a token in the clear":     {repo, hub.FetchOptions{Endpoint: "http://host", Token: "t"}, "in the clear"},
		"a negative limit":         {repo, hub.FetchOptions{MaxBytes: -1}, "negative limit"},
		"negative attempts":        {repo, hub.FetchOptions{Attempts: -1}, "negative limit"},
		"half a digest":            {repo, hub.FetchOptions{SHA256: map[string]string{"a": "abc"}}, "64 hexadecimal digits"},
		"a digest of another file": {repo, hub.FetchOptions{Files: []string{"b"}, SHA256: map[string]string{"a": sum(nil)}}, "Files does not"},
		"a file twice":             {repo, hub.FetchOptions{Files: []string{"a", "a"}}, "stands there twice"},
		"the same file for some":   {repo, hub.FetchOptions{Files: []string{"a", "A"}}, "stands there twice"},
	}
	for _, bad := range escapes {
		tests["the file "+bad] = struct {
			repo    string
			o       hub.FetchOptions
			message string
		}{repo, hub.FetchOptions{Files: []string{bad}}, "is no file name"}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.o.Dir = t.TempDir()
			_, err := hub.Fetch(ctx, tt.repo, tt.o)
			require.ErrorIs(t, err, quintet.ErrOption)
			require.ErrorContains(t, err, tt.message)
			require.Empty(t, tree(t, tt.o.Dir))
		})
	}
}

var escapes = []string{
	"", ".", "..", "../x", "/etc/passwd", "a/../../b", "a//b", "a/", `a\b`, `..\x`, "C:x", "c:/x", "a\x00b", "a\nb", "x.", "x ",
	".quintet/lock", ".Quintet/lock", hub.ManifestName, strings.ToUpper(hub.ManifestName), "a/" + strings.Repeat("x", 201), "\xff",
}
